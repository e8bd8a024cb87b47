with

latest as (
    {{ latest_revision('orders', ['order_id']) | indent(4) }}
),

final as (
    select
        order_id,
        channel_id,
        customer_id,
        customer_tier,
        coalesce(lower(payment_status), 'paid') as payment_status,
        coalesce(lower(fraud_status), 'cleared') as fraud_status,
        ship_country,
        ship_postcode,
        cancel_reason,
        currency,
        coalesce(ship_complete, false) as is_ship_complete,
        source_system,
        placed_at,
        promised_ship_by,
        promised_delivery_by,
        cancelled_at,
        recorded_at
    from latest
)

select * from final
