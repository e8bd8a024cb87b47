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

served as (
    select
        booked.*,
        order_lines.line_id,
        order_lines.sku as line_sku,
        order_lines.channel_id
    from booked
    inner join order_lines
        on
            booked.order_id = order_lines.order_id
            and booked.order_line_id = order_lines.line_id
    anti join kit_lines
        on
            booked.order_id = kit_lines.order_id
            and booked.order_line_id = kit_lines.line_id
),

-- a reservation holds units for the line and leaves it open; a shipment closes it, and where it
-- leaves straight from the reservation it uses that too
moved as (
    {% for type, reason, quantity, open_quantity in [
        ('shipped', "to_state = 'customer'", 'quantity', '-quantity'),
        ('reserved', "to_state = 'reserved'", 'quantity', '0'),
        ('reserved', "from_state = 'reserved'", '-quantity', '0'),
    ] -%}
    select
        md5(concat_ws('|', movement_id, '{{ type }}')) as commitment_id,
        order_id,
        line_id,
        line_sku as sku,
        channel_id,
        from_location_id as location_id,
        '{{ type }}' as commitment_type,
        {{ quantity }} as quantity,
        {{ open_quantity }} as open_quantity,
        occurred_at
    from served
    where {{ reason }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
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
