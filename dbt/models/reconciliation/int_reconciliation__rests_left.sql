-- What neither events nor pairs explain of a claim. What was set stays: the next claims of the same
-- stock hold it until another is set. What one claim has and its neighbours have not is a glitch
-- that nobody explains, and so is what is left over in a system whose story does not account for
-- its claims. What only the newest claims have may be either: each claim that holds a rest halves
-- the doubt, and one leaves half of it.
{%- set weight = var('hearing_weight') %}
with

variances as (
    select * from {{ ref('recon_variances') }}
    where quantity_kind != 'count'
),

rests as (
    select * from {{ ref('int_reconciliation__rests') }}
),

paired as (
    select * from {{ ref('int_reconciliation__rests_paired') }}
),

-- what a system that tells of nothing did nobody can know
tellers as (
    select distinct system from {{ ref('int_reconciliation__events_told') }}
    union
    select distinct source_system as system from {{ ref('int_ledger__events_owned') }}
),

left_over as (
    select
        variances.*,
        coalesce(rests.rest_quantity, 0) - coalesce(paired.quantity, 0) as quantity
    from variances
    -- left: most claims tie with what their system was told, and few rests answer each other
    left join rests on variances.claim_id = rests.claim_id
    left join paired on variances.claim_id = paired.claim_id
),

shares as (
    select
        system,
        quantity_kind,
        location_id,
        count(*) filter (where quantity = 0) as tied_count,
        count(*) as claim_count
    from left_over
    group by system, quantity_kind, location_id
),

-- a place of few claims is judged by the system's others too
accounts as (
    select
        system,
        quantity_kind,
        location_id,
        (
            tied_count + {{ weight }} * sum(tied_count) over whole
            / cast(sum(claim_count) over whole as double)
        ) / (claim_count + {{ weight }}) as tied_share
    from shares
    window whole as (partition by system)
),

followed as (
    select
        *,
        row_number() over claimed as number,
        lag(quantity, 1, 0) over claimed as quantity_before,
        lag(quantity, 2, 0) over claimed as quantity_two_before,
        lead(quantity) over claimed as quantity_next,
        lead(quantity, 2) over claimed as quantity_after_next
    from left_over
    window
        claimed as (
            partition by system, location_id, channel_id, sku, lot_id, quantity_kind
            order by as_of, claim_id
        )
),

shared as (
    select
        *,
        number - row_number() over (
            partition by system, location_id, channel_id, sku, lot_id, quantity_kind, quantity
            order by number
        ) as island,
        -- as much of it as stood before, or stays from the next claim on
        case
            when quantity_before = quantity_two_before and sign(quantity_before) = sign(quantity)
                then sign(quantity) * least(abs(quantity_before), abs(quantity))
            else 0
        end as common_before,
        case
            when quantity_next = quantity_after_next and sign(quantity_next) = sign(quantity)
                then sign(quantity) * least(abs(quantity_next), abs(quantity))
            else 0
        end as common_next
    from followed
),

levelled as (
    select
        *,
        case
            when quantity in (quantity_before, quantity_next) and quantity != 0 then quantity
            when quantity_before = quantity_next then quantity_before
            -- the newest, or the one before where the newest is at another level again
            when quantity_after_next is null then quantity
            when abs(common_next) > abs(common_before) then common_next
            else common_before
        end as set_quantity,
        count(*) over (
            partition by
                system, location_id, channel_id, sku, lot_id, quantity_kind, quantity, island
        ) as held_count
    from shared
    where quantity != 0
),

judged as (
    select
        levelled.*,
        accounts.tied_share,
        accounts.tied_share >= 0.5 and tellers.system is not null and levelled.is_known_sku
            as is_accounted
    from levelled
    inner join accounts
        on
            levelled.system = accounts.system
            and levelled.quantity_kind = accounts.quantity_kind
            and levelled.location_id is not distinct from accounts.location_id
    -- left: a system may claim stock and tell of no event
    left join tellers on levelled.system = tellers.system
),

final as (
    select
        claim_id,
        'manual_override' as cause,
        cast(set_quantity as bigint) as quantity,
        cast(tied_share * (1 - power(0.5, held_count)) as decimal(9, 4)) as confidence,
        as_of
    from judged
    where is_accounted and set_quantity != 0
    union all
    select
        claim_id,
        'unexplained' as cause,
        cast(case when is_accounted then quantity - set_quantity else quantity end as bigint)
            as quantity,
        -- two claims speak against it, or all that do not tie
        cast(case when is_accounted then 0.75 else 1 - tied_share end as decimal(9, 4))
            as confidence,
        as_of
    from judged
    where not is_accounted or quantity != set_quantity
)

select * from final
