with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

booked as (
    select * from {{ ref('int_ledger__movements_booked') }}
    where order_id is not null and return_id is null
),

kit_lines as (
    select distinct
        order_id,
        line_id
    from {{ ref('int_ledger__kit_lines') }}
),

ordered as (
    select
        md5(concat_ws('|', order_id, line_id, 'ordered')) as commitment_id,
        order_id,
        line_id,
        sku,
        channel_id,
        requested_location_id as location_id,
        'ordered' as commitment_type,
        ordered_quantity as quantity,
        ordered_quantity as open_quantity,
        placed_at as occurred_at
    from order_lines
),

cancelled as (
    select
        md5(concat_ws('|', order_id, line_id, 'cancelled')) as commitment_id,
        order_id,
        line_id,
        sku,
        channel_id,
        requested_location_id as location_id,
        'cancelled' as commitment_type,
        cancelled_quantity as quantity,
        -cancelled_quantity as open_quantity,
        cancelled_at as occurred_at
    from order_lines
    where cancelled_quantity > 0
),

-- a reservation holds units for the line and leaves it open; a shipment closes it
moved as (
    select
        booked.movement_id as commitment_id,
        order_lines.order_id,
        order_lines.line_id,
        order_lines.sku,
        order_lines.channel_id,
        booked.from_location_id as location_id,
        case when booked.to_state = 'customer' then 'shipped' else 'reserved' end
            as commitment_type,
        case
            when booked.to_state = 'customer' or booked.to_state = 'reserved' then booked.quantity
            else -booked.quantity
        end as quantity,
        case when booked.to_state = 'customer' then -booked.quantity else 0 end as open_quantity,
        booked.occurred_at
    from booked
    inner join order_lines
        on
            booked.order_id = order_lines.order_id
            and booked.order_line_id = order_lines.line_id
    anti join kit_lines
        on
            booked.order_id = kit_lines.order_id
            and booked.order_line_id = kit_lines.line_id
    where booked.to_state in ('customer', 'reserved') or booked.from_state = 'reserved'
),

-- a kit's line is served in kits, by the scarcest of what moved for it
kitted as (
    {% for type, open_sign, at in [
        ('reserved', '0 * ', 'placed_at'), ('shipped', '-', 'last_shipped_at'),
    ] -%}
    select
        md5(concat_ws('|', order_id, line_id, '{{ type }}')) as commitment_id,
        order_id,
        line_id,
        sku,
        channel_id,
        location_id,
        '{{ type }}' as commitment_type,
        {{ type }}_quantity as quantity,
        {{ open_sign }}{{ type }}_quantity as open_quantity,
        {{ at }} as occurred_at
    from order_lines
    semi join kit_lines
        on order_lines.order_id = kit_lines.order_id and order_lines.line_id = kit_lines.line_id
    where {{ type }}_quantity > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select * from ordered
    union all
    select * from cancelled
    union all
    select * from moved
    union all
    select * from kitted
)

select * from final
