with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

booked as (
    select * from {{ ref('int_ledger__movements_booked') }}
    where movement_type = 'shipped' and to_state = 'customer'
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
        -cancelled_quantity as quantity,
        cancelled_at as occurred_at
    from order_lines
    where cancelled_quantity > 0
),

shipped as (
    select
        booked.movement_id as commitment_id,
        order_lines.order_id,
        order_lines.line_id,
        order_lines.sku,
        order_lines.channel_id,
        booked.from_location_id as location_id,
        'shipped' as commitment_type,
        -booked.quantity as quantity,
        booked.occurred_at
    from booked
    inner join order_lines
        on
            booked.order_id = order_lines.order_id
            and booked.order_line_id = order_lines.line_id
),

final as (
    select * from ordered
    union all
    select * from cancelled
    union all
    select * from shipped
)

select * from final
