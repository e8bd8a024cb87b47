-- What no event explains, once: other kinds of quantity say it again, and all locations together
-- say what one of them says. The largest claim of a place counts, and of all of them what is more.
with

stayed as (
    select * from {{ ref('int_reconciliation__rests_stayed') }}
),

-- which of two may be the other one, seen where it is first claimed
repeated as (
    select
        seen.incident_id,
        other.incident_id as other_id,
        seen.grain,
        seen.grain = other.grain as is_other
    from stayed as seen
    inner join stayed as other
        on
            seen.system = other.system
            and seen.sku = other.sku
            and seen.cause = other.cause
            and sign(seen.quantity) = sign(other.quantity)
    where
        not seen.is_counted
        and not other.is_counted
        and coalesce(seen.location_id = other.location_id, seen.location_id is null)
        and coalesce(seen.lot_id = other.lot_id, seen.lot_id is null)
        and (
            seen.grain > other.grain
            or (seen.grain = other.grain and abs(seen.quantity) < abs(other.quantity))
        )
        -- the other one began after its claim before
        and (other.began_at < seen.first_at or other.first_at = seen.first_at)
        and other.ended_at > seen.first_at
),

-- what a place lacks is what lies in the wrong one
displaced as (
    select
        short.incident_id,
        surplus.incident_id as other_id,
        short.grain,
        true as is_other
    from stayed as short
    inner join stayed as surplus
        on
            short.system = surplus.system
            and short.sku = surplus.sku
            and short.cause = surplus.cause
            and short.first_at = surplus.first_at
            and short.quantity = -surplus.quantity
            and short.lot_id is not distinct from surplus.lot_id
    where short.cause = 'wrong_location' and short.quantity < 0
),

alike as (
    select * from repeated
    union all
    select * from displaced
),

largest as (
    select stayed.*
    from stayed
    anti join alike on stayed.incident_id = alike.incident_id and alike.is_other
),

own_1 as (
    select
        *,
        quantity as own_quantity
    from largest
    where grain = 1
),

{% for grain in [2, 3] -%}
told_{{ grain }} as (
    select
        alike.incident_id,
        sum(abs(parts.own_quantity)) as quantity
    from alike
    inner join own_{{ grain - 1 }} as parts on alike.other_id = parts.incident_id
    where alike.grain = {{ grain }}
    group by alike.incident_id
),

own_{{ grain }} as (
    select * from own_{{ grain - 1 }}
    union all
    select
        largest.*,
        cast(
            sign(largest.quantity)
            * greatest(abs(largest.quantity) - coalesce(told.quantity, 0), 0) as bigint
        ) as own_quantity
    from largest
    -- left: most systems claim each place or all of them together, not both
    left join told_{{ grain }} as told on largest.incident_id = told.incident_id
    where largest.grain = {{ grain }}
),

{% endfor -%}
incidents as (
    select * from own_3
    where own_quantity != 0
),

showing as (
    select
        incident_id,
        incident_id as shown_id
    from incidents
    union all
    select
        alike.other_id as incident_id,
        alike.incident_id as shown_id
    from alike
    anti join incidents on alike.incident_id = incidents.incident_id
),

shown as (
    select
        showing.incident_id,
        list_sort(list_distinct(flatten(list(stayed.quantity_kinds)))) as quantity_kinds,
        list_sort(list_distinct(flatten(list(stayed.shown_in)))) as shown_in,
        cast(sum(stayed.claim_count) as bigint) as claim_count,
        arg_min(stayed.first_claim_id, row(stayed.first_at, stayed.first_claim_id))
            as first_claim_id,
        arg_max(stayed.last_claim_id, row(stayed.last_at, stayed.last_claim_id)) as last_claim_id,
        min(stayed.detected_at) as detected_at
    from showing
    inner join stayed on showing.shown_id = stayed.incident_id
    group by showing.incident_id
),

final as (
    select
        incidents.incident_id,
        incidents.system,
        incidents.location_id,
        incidents.channel_id,
        incidents.sku,
        incidents.lot_id,
        incidents.scope,
        incidents.cause,
        incidents.own_quantity as quantity,
        case when displaced.other_id is null then incidents.own_quantity else 0 end as net_quantity,
        incidents.confidence,
        incidents.evidence,
        shown.quantity_kinds,
        shown.shown_in,
        shown.claim_count,
        shown.first_claim_id,
        shown.last_claim_id,
        incidents.began_at,
        shown.detected_at,
        nullif(incidents.ended_at, timestamp '9999-12-31') as ended_at
    from incidents
    inner join shown on incidents.incident_id = shown.incident_id
    -- left: most lie where they are claimed
    left join (select distinct other_id from displaced) as displaced
        on incidents.incident_id = displaced.other_id
)

select * from final
