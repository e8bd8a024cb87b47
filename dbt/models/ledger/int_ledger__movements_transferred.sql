with

owned as (
    select * from {{ ref('int_ledger__events_lotted') }}
    where event_name like 'transfers.%'
),

site_steps as (
    select * from {{ ref('int_ledger__site_steps') }}
),

staged as (
    select
        *,
        case event_name when 'transfers.shipped' then 1 else 2 end as step_rank,
        case event_name when 'transfers.shipped' then quantity else -quantity end
            as transit_change
    from owned
),

{{ floored_balance(
    'staged',
    'transfer_id, sku, lot_id, to_location_id',
    'transit_change',
    'occurred_at, step_rank, event_id, lot_number',
) }},

arrived as (
    select
        stored.*,
        case
            when
                coalesce(
                    site_steps.reports_put_away,
                    stored.occurred_at >= site_steps.first_put_away_at,
                    false
                )
                then 'receiving'
            else 'available'
        end as dock_state
    from stored
    inner join site_steps on stored.to_location_id = site_steps.location_id
),

-- what arrives beyond what was sent is nobody's yet
final as (
    {% for part, event_type, movement_type, from_state, to_state, quantity in [
        (1, 'shipped', 'transfer_out', 'available', "'in_transit'", 'quantity'),
        (1, 'received', 'transfer_in', 'in_transit', 'dock_state', 'taken_quantity'),
        (2, 'received', 'transfer_in', 'suspense', 'dock_state', 'quantity - taken_quantity'),
    ] -%}
    select
        event_id,
        lot_number * 10 + {{ part }} as part,
        '{{ movement_type }}' as movement_type,
        lot_id,
        location_id as from_location_id,
        '{{ from_state }}' as from_state,
        to_location_id,
        {{ to_state }} as to_state,
        cast({{ quantity }} as bigint) as quantity
    from arrived
    where event_name = 'transfers.{{ event_type }}' and {{ quantity }} > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
