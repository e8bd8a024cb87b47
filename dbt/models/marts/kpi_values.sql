{%- set areas = ['fulfilment', 'stock', 'supply', 'money', 'systems'] -%}
with

definitions as (
    select * from {{ ref('kpi_definitions') }}
),

targets as (
    select * from {{ ref('kpi_targets') }}
),

trust as (
    select * from {{ ref('kpi_trust') }}
),

levels as (
    select * from {{ ref('int_marts__kpi_levels') }}
),

rolled as (
    {% for area in areas -%}
    select * from {{ ref('int_marts__kpi_' ~ area) }}
    union all
    {% endfor -%}
    select
        metric,
        variant,
        grain,
        location_id,
        channel_id,
        cast(null as varchar) as supplier_id,
        cast(null as varchar) as source_system,
        cast(null as varchar) as event_name,
        numerator,
        cast(null as decimal(38, 6)) as denominator,
        cast(null as bigint) as row_count,
        {% for moment in [
            'squared_numerators', 'crossed_products', 'squared_denominators',
            'quantile', 'quantile_low', 'quantile_high',
        ] -%}
        cast(null as double) as {{ moment }},
        {% endfor -%}
        period
    from levels
),

defined as (
    select
        rolled.*,
        definitions.aggregation,
        targets.target,
        trust.trust,
        case
            when definitions.aggregation in ('sum', 'level') then cast(1 as decimal(38, 6))
            else rolled.denominator
        end as measured_against,
        case
            when definitions.aggregation in ('ratio', 'mean')
                then rolled.numerator / nullif(cast(rolled.denominator as double), 0)
            when definitions.aggregation in ('sum', 'level') then cast(rolled.numerator as double)
            else rolled.quantile
        end as value
    from rolled
    inner join definitions
        on
            rolled.metric = definitions.metric
            and rolled.variant = definitions.variant
    inner join trust
        on
            rolled.metric = trust.metric
            and rolled.variant = trust.variant
    inner join targets
        on
            rolled.metric = targets.metric
            and rolled.variant = targets.variant
            and rolled.period >= targets.valid_from_on
            and rolled.period < coalesce(targets.valid_to_on, date '9999-12-31')
),

bounded as (
    select
        *,
        {{ wilson_bound('value', 'measured_against', '-') }} as ratio_low,
        {{ wilson_bound('value', 'measured_against', '+') }} as ratio_high,
        -- 1.96 standard errors of a ratio of two sums (Cochran 1977, 2.11)
        1.96 * sqrt(
            greatest(
                0,
                squared_numerators - 2 * value * crossed_products
                + value * value * squared_denominators
            ) * row_count / nullif(row_count - 1, 0)
        ) / nullif(abs(cast(denominator as double)), 0) as margin
    from defined
),

final as (
    select
        metric,
        variant,
        grain,
        location_id,
        channel_id,
        supplier_id,
        source_system,
        event_name,
        numerator,
        measured_against as denominator,
        value,
        case aggregation
            when 'ratio' then greatest(0, ratio_low)
            -- rounded: sums of doubles differ in their last bits with the order of rows
            when 'mean' then value - round(margin, 6)
            else quantile_low
        end as low,
        case aggregation
            when 'ratio' then least(1, ratio_high)
            when 'mean' then value + round(margin, 6)
            else quantile_high
        end as high,
        target,
        trust,
        period
    from bounded
)

select * from final
