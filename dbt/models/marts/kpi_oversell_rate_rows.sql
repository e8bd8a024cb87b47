with

acceptances as (
    select * from {{ ref('kpi_acceptances_measured') }}
),

leading_causes as (
    select * from {{ ref('fct_oversell_causes') }}
    where is_leading
),

final as (
    select
        'line' as variant,
        acceptances.location_id,
        acceptances.channel_id,
        case when acceptances.is_oversold then leading_causes.cause end as cause,
        acceptances.order_id,
        acceptances.line_id,
        acceptances.sku,
        acceptances.listed_quantity,
        acceptances.network_quantity,
        cast(acceptances.is_oversold as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        acceptances.placed_on as period
    from acceptances
    -- left: few lines are oversold
    left join leading_causes
        on
            acceptances.order_id = leading_causes.order_id
            and acceptances.line_id = leading_causes.line_id
    where acceptances.listed_quantity is not null
)

select * from final
