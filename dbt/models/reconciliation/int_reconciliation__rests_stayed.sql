-- What no event explains, for as long as it stayed the same from one claim of the same stock to the
-- next, however many kinds of quantity and channels of one place say so.
with

variances as (
    select * from {{ ref('recon_variances') }}
),

causes as (
    select * from {{ ref('recon_causes') }}
),

explained as (
    select * from {{ ref('int_reconciliation__explained') }}
),

-- claims of the same stock one after the other
sequenced as (
    select
        *,
        row_number() over following as number,
        lag(as_of) over following as claimed_before_at,
        lead(as_of) over following as claimed_next_at
    from variances
    window
        following as (
            partition by system, location_id, channel_id, sku, lot_id, quantity_kind
            order by as_of, claim_id
        )
),

rests as (
    select
        sequenced.*,
        causes.cause,
        causes.quantity - coalesce(explained.quantity, 0) as quantity,
        causes.confidence,
        causes.evidence
    from causes
    inner join sequenced on causes.claim_id = sequenced.claim_id
    -- left: a cause that no event proves
    left join explained
        on causes.claim_id = explained.claim_id and causes.cause = explained.cause
    where causes.quantity != coalesce(explained.quantity, 0)
),

-- a count ends what it finds, so the next one that finds as much has found it anew
islands as (
    select
        *,
        number - row_number() over (
            partition by
                system, location_id, channel_id, sku, lot_id, quantity_kind, cause, quantity
            order by number
        ) as island,
        case when quantity_kind = 'count' then claim_id end as count_claim_id
    from rests
),

stayed as (
    select
        system,
        location_id,
        channel_id,
        sku,
        lot_id,
        quantity_kind,
        any_value(scope) as scope,
        cause,
        quantity,
        count_claim_id,
        min(confidence) as confidence,
        arg_min(evidence, number) as evidence,
        count(*) as claim_count,
        arg_min(claim_id, number) as first_claim_id,
        arg_max(claim_id, number) as last_claim_id,
        max(as_of) as last_at,
        arg_min(coalesce(claimed_before_at, as_of), number) as began_at,
        min(as_of) as first_at,
        min(recorded_at) as detected_at,
        coalesce(
            case
                when quantity_kind = 'count' then min(as_of)
                else arg_max(claimed_next_at, number)
            end, timestamp '9999-12-31'
        ) as ended_at
    from islands
    group by
        system, location_id, channel_id, sku, lot_id, quantity_kind, cause, quantity, island,
        count_claim_id
),

-- as many units of one place at one time are the same units
met as (
    select
        *,
        coalesce(
            began_at < max(ended_at) over (
                beside rows between unbounded preceding and 1 preceding
            ), false
        ) as is_beside
    from stayed
    window
        beside as (
            partition by system, location_id, sku, lot_id, cause, quantity, count_claim_id
            order by began_at, first_claim_id
        )
),

numbered as (
    select
        *,
        count(*) filter (where not is_beside) over (
            partition by system, location_id, sku, lot_id, cause, quantity, count_claim_id
            order by began_at, first_claim_id
        ) as number
    from met
),

final as (
    select
        md5(concat_ws('|', arg_min(first_claim_id, row(first_at, first_claim_id)), cause))
            as incident_id,
        system,
        location_id,
        case when min(channel_id) = max(channel_id) then min(channel_id) end as channel_id,
        sku,
        lot_id,
        case when location_id is null then 3 when lot_id is null then 2 else 1 end as grain,
        arg_min(scope, row(first_at, first_claim_id)) as scope,
        cause,
        quantity,
        count_claim_id is not null as is_counted,
        min(confidence) as confidence,
        arg_min(evidence, row(first_at, first_claim_id)) as evidence,
        list_sort(list(distinct quantity_kind)) as quantity_kinds,
        list_sort(list(distinct coalesce(channel_id, location_id, '*'))) as shown_in,
        cast(sum(claim_count) as bigint) as claim_count,
        arg_min(first_claim_id, row(first_at, first_claim_id)) as first_claim_id,
        arg_max(last_claim_id, row(last_at, last_claim_id)) as last_claim_id,
        min(began_at) as began_at,
        min(first_at) as first_at,
        max(last_at) as last_at,
        min(detected_at) as detected_at,
        max(ended_at) as ended_at
    from numbered
    group by system, location_id, sku, lot_id, cause, quantity, count_claim_id, number
)

select * from final
