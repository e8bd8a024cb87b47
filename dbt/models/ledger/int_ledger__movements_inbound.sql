with

owned as (
    select * from {{ ref('int_ledger__events_lotted') }}
    where event_name like 'receipts.%'
),

site_steps as (
    select * from {{ ref('int_ledger__site_steps') }}
),

docked as (
    select
        owned.*,
        split_part(owned.event_name, '.', 2) as event_type,
        case owned.event_name
            when 'receipts.asn_shipped' then 1
            when 'receipts.received' then 2
            else 3
        end as step_rank,
        -- of a site that declared nothing, the line's own put-away tells, or an earlier one there
        case
            when
                coalesce(
                    site_steps.reports_put_away,
                    owned.occurred_at >= site_steps.first_put_away_at
                    or bool_or(owned.event_name = 'receipts.put_away') over (
                        partition by owned.location_id, owned.po_id, owned.po_line_id, owned.sku
                    )
                )
                then 'receiving'
            else 'available'
        end as site_dock_state
    from owned
    inner join site_steps on owned.location_id = site_steps.location_id
),

-- what is refused leaves from where the line's last receipt put it
staged as (
    select
        *,
        coalesce(
            last_value(case when event_type = 'received' then site_dock_state end ignore nulls)
                over (
                    partition by location_id, po_id, po_line_id, sku
                    order by occurred_at, step_rank, event_id, lot_number
                    rows between unbounded preceding and current row
                ),
            site_dock_state
        ) as dock_state
    from docked
),

announcing as (
    select
        *,
        case event_type
            when 'asn_shipped' then quantity
            when 'received' then -quantity
            else 0
        end as announced_change
    from staged
),

{{ floored_balance(
    'announcing',
    'coalesce(po_id, event_id), po_line_id, sku, lot_id, location_id',
    'announced_change',
    'occurred_at, step_rank, event_id, lot_number',
) }},

-- What the supplier is committed to deliver so far: announced and still to come, or received and
-- kept. Beyond the order it is nobody's, so every change of that excess is booked to suspense.
committed as (
    select
        *,
        sum(
            case event_type
                when 'asn_shipped' then quantity
                when 'received' then quantity - taken_quantity
                when 'rejected' then -quantity
                else 0
            end
        ) over (
            partition by coalesce(po_id, event_id), po_line_id
            order by occurred_at, step_rank, event_id, lot_number
            rows between unbounded preceding and current row
        ) as committed_quantity
    from stored
),

measured as (
    select
        *,
        coalesce(
            abs(
                greatest(0, committed_quantity - ordered_quantity)
                - greatest(
                    0,
                    committed_quantity - ordered_quantity
                    - case event_type
                        when 'asn_shipped' then quantity
                        when 'received' then quantity - taken_quantity
                        when 'rejected' then -quantity
                    end
                )
            ),
            0
        ) as excess_quantity
    from committed
),

final as (
    {% for part, from_state, to_state, quantity, event_types in [
        (1, "'in_transit'", 'dock_state', 'taken_quantity', "'received'"),
        (2, "'supplier'", 'dock_state', 'quantity - taken_quantity - excess_quantity', "'received'"),
        (3, "'suspense'", 'dock_state', 'excess_quantity', "'received'"),
        (1, "'supplier'", "'in_transit'", 'quantity - excess_quantity', "'asn_shipped'"),
        (2, "'suspense'", "'in_transit'", 'excess_quantity', "'asn_shipped'"),
        (1, "dock_state", "'supplier'", 'quantity - excess_quantity', "'rejected'"),
        (2, "dock_state", "'suspense'", 'excess_quantity', "'rejected'"),
        (1, "'receiving'", "'available'", 'quantity', "'put_away'"),
    ] -%}
    select
        event_id,
        lot_number * 10 + {{ part }} as part,
        {{ "'po_shipped'" if 'asn' in event_types else event_types }} as movement_type,
        lot_id,
        location_id as from_location_id,
        {{ from_state }} as from_state,
        location_id as to_location_id,
        {{ to_state }} as to_state,
        cast({{ quantity }} as bigint) as quantity
    from measured
    where event_type = {{ event_types }} and {{ quantity }} > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
