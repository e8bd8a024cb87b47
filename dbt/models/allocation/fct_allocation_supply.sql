with

balances as (
    select * from {{ ref('fct_stock_balances') }}
),

final as (
    select
        sku,
        location_id,
        cast(sum(quantity) as bigint) as quantity
    from balances
    where is_sellable
    group by sku, location_id
    having sum(quantity) > 0
)

select * from final
