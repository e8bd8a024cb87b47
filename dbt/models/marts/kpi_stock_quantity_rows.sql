with

balances_daily as (
    select * from {{ ref('fct_stock_balances_daily') }}
),

final as (
    select
        unnest(
            case
                when state = 'in_transit' then [state]
                else [state, 'on_hand']
            end
        ) as variant,
        location_id,
        sku,
        state,
        cast(quantity as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        valid_from_on as period,
        valid_to_on as period_to
    from balances_daily
)

select * from final
