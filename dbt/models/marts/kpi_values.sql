with

ratios as (
    select * from {{ ref('int_marts__kpi_ratios') }}
),

durations as (
    select * from {{ ref('int_marts__kpi_durations') }}
),

levels as (
    select * from {{ ref('int_marts__kpi_levels') }}
),

definitions as (
    select * from {{ ref('kpi_definitions') }}
),

trust as (
    select * from {{ ref('int_marts__kpi_trust') }}
),

rolled_ratios as (
    select
        metric,
        variant,
        period,
        location_id,
        channel_id,
        grouping(location_id) as is_over_locations,
        grouping(channel_id) as is_over_channels,
        cast(sum(numerator) as decimal(24, 6)) as numerator,
        cast(sum(denominator) as decimal(24, 6)) as denominator,
        sum(numerator) / nullif(cast(sum(denominator) as double), 0) as value
    from ratios
    group by
        grouping sets (
            (metric, variant, period),
            (metric, variant, period, location_id),
            (metric, variant, period, channel_id)
        )
),

rolled_durations as (
    select
        metric,
        span,
        period,
        location_id,
        channel_id,
        grouping(location_id) as is_over_locations,
        grouping(channel_id) as is_over_channels,
        count(*) as line_count,
        quantile_cont(hours, 0.5) as p50_hours,
        quantile_cont(hours, 0.9) as p90_hours
    from durations
    group by
        grouping sets (
            (metric, span, period),
            (metric, span, period, location_id),
            (metric, span, period, channel_id)
        )
),

rolled_levels as (
    select
        metric,
        variant,
        period,
        location_id,
        cast(null as varchar) as channel_id,
        grouping(location_id) as is_over_locations,
        1 as is_over_channels,
        cast(sum(numerator) as decimal(24, 6)) as numerator,
        cast(1 as decimal(24, 6)) as denominator,
        cast(sum(numerator) as double) as value
    from levels
    group by
        grouping sets (
            (metric, variant, period),
            (metric, variant, period, location_id)
        )
),

gathered as (
    select * from rolled_ratios
    {% for percentile in ['p50', 'p90'] -%}
    union all
    select
        metric,
        span || '_{{ percentile }}' as variant,
        period,
        location_id,
        channel_id,
        is_over_locations,
        is_over_channels,
        cast(null as decimal(24, 6)) as numerator,
        cast(line_count as decimal(24, 6)) as denominator,
        {{ percentile }}_hours as value
    from rolled_durations
    {% endfor -%}
    union all
    select * from rolled_levels
),

graded as (
    select
        gathered.metric,
        gathered.variant,
        case
            when gathered.is_over_locations = 0 then 'day_location'
            when gathered.is_over_channels = 0 then 'day_channel'
            else 'day'
        end as grain,
        gathered.location_id,
        gathered.channel_id,
        gathered.numerator,
        gathered.denominator,
        gathered.value,
        definitions.unit = 'ratio' as is_ratio,
        definitions.target,
        trust.trust,
        gathered.period
    from gathered
    inner join definitions
        on
            gathered.metric = definitions.metric
            and gathered.variant = definitions.variant
    inner join trust
        on
            gathered.metric = trust.metric
            and gathered.variant = trust.variant
    where
        -- a rollup over an unknown location or channel is in the total already
        not (gathered.is_over_locations = 0 and gathered.location_id is null)
        and not (gathered.is_over_channels = 0 and gathered.channel_id is null)
),

-- Wilson score interval at 95 % (Wilson 1927), z = 1.96
final as (
    select
        metric,
        variant,
        grain,
        location_id,
        channel_id,
        numerator,
        denominator,
        value,
        case
            when is_ratio
                then
                    greatest(
                        0,
                        (
                            value + 1.9208 / denominator
                            - 1.96 * sqrt(
                                value * (1 - value) / denominator
                                + 0.9604 / (cast(denominator as double) * denominator)
                            )
                        ) / (1 + 3.8416 / denominator
                        )
                    )
        end as low,
        case
            when is_ratio
                then
                    least(
                        1,
                        (
                            value + 1.9208 / denominator
                            + 1.96 * sqrt(
                                value * (1 - value) / denominator
                                + 0.9604 / (cast(denominator as double) * denominator)
                            )
                        ) / (1 + 3.8416 / denominator
                        )
                    )
        end as high,
        target,
        trust,
        period
    from graded
)

select * from final
