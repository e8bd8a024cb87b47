-- What nobody asked for or sent waits here until somebody explains it.
with

entries as (
    select * from {{ ref('fct_stock_movements') }}
    where from_state = 'suspense' or to_state = 'suspense'
),

products as (
    select * from {{ ref('stg_landing__products') }}
),

clock as (
    select * from {{ ref('clock') }}
),

referenced as (
    select
        *,
        case
            when po_id is not null then 'purchase_order'
            when order_id is not null then 'order'
            when transfer_id is not null then 'transfer'
            else 'adjustment'
        end as reference_type,
        coalesce(po_id, order_id, transfer_id, event_id) as reference_id,
        coalesce(po_line_id, order_line_id) as reference_line_id,
        case when to_state = 'suspense' then quantity else -quantity end as signed_quantity
    from entries
),

summed as (
    select
        reference_type,
        reference_id,
        reference_line_id,
        sku,
        min(from_location_id) as location_id,
        cast(sum(signed_quantity) as bigint) as quantity,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at
    from referenced
    group by reference_type, reference_id, reference_line_id, sku
    having sum(signed_quantity) != 0
),

final as (
    select
        summed.reference_type,
        summed.reference_id,
        summed.reference_line_id,
        summed.sku,
        summed.location_id,
        summed.quantity,
        cast(summed.quantity * coalesce(products.unit_cost_amount, 0) as decimal(38, 4)) as amount,
        cast(
            floor({{ seconds_between('summed.first_at', 'clock.as_of_at') }} / 86400) as bigint
        ) as age_days,
        summed.first_at,
        summed.last_at
    from summed
    cross join clock
    -- left: master data may be missing, the difference is there all the same
    left join products on summed.sku = products.sku
)

select * from final
