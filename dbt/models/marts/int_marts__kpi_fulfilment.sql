{%- set places = [['location_id'], ['channel_id']] -%}
with

{{ rolled_totals('totals', [
    'unit_fill_rate', 'line_fill_rate', 'order_fill_rate', 'perfect_order_rate',
    'on_time_in_full', 'on_time_ship', 'order_cycle_time', 'pick_accuracy', 'stock_cancel_rate',
], places) }},

{{ rolled_percentiles('percentiles', ['order_cycle_time'], places, [50, 90]) }},

{{ rolled_totals('labour', ['labour_productivity'], [['location_id']]) }},

-- the four rates multiplied, as WERC's index does, which no single order can show
perfect_product as (
    select
        metric,
        'product' as variant,
        grain,
        location_id,
        channel_id,
        supplier_id,
        source_system,
        event_name,
        cast(null as decimal(38, 6)) as numerator,
        min(denominator) as denominator,
        min(row_count) as row_count,
        cast(null as double) as squared_numerators,
        cast(null as double) as crossed_products,
        cast(null as double) as squared_denominators,
        case
            when min(numerator) = 0 then 0
            else exp(sum(ln(nullif(numerator, 0) / cast(denominator as double))))
        end as quantile,
        cast(null as double) as quantile_low,
        cast(null as double) as quantile_high,
        period
    from totals
    where
        metric = 'perfect_order_rate'
        and variant in ('in_full', 'on_time', 'undamaged', 'documented')
    group by
        metric, grain, location_id, channel_id, supplier_id, source_system, event_name, period
),

final as (
    select * from totals
    union all
    select * from percentiles
    union all
    select * from labour
    union all
    select * from perfect_product
)

select * from final
