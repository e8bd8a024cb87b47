"""What a metric comes to over a span of days of a generation: one definition for every reader.

Parts of SELECTs on a published generation.
"""

ROLLED = """
    case any_value(aggregation)
        when 'level' then max_by(value, period)
        when 'sum' then sum(numerator)::double
        when 'percentile' then sum(value * denominator) / nullif(sum(denominator)::double, 0)
        when 'product' then sum(value * denominator) / nullif(sum(denominator)::double, 0)
        else sum(numerator) / nullif(sum(denominator)::double, 0)
    end
"""
"""One value of all `days` of a group."""

DAYS = """
    with
    horizon as (
        select coalesce(max(period) filter (where grain = 'day_channel'), max(period)) as last_on
        from kpi_values
    ),
    dated as (
        select
            kpi_values.*,
            kpi_definitions.unit,
            kpi_definitions.aggregation,
            case
                when grain like 'month%' then date_diff('month', period, last_on) // months
                else (last_on - period) // $days::int
            end as spans_ago
        from kpi_values
        inner join kpi_definitions using (metric, variant)
        cross join horizon
        cross join (select greatest(1, $days::int // 30) as months)
    ),
    days as (
        select
            * replace (replace(grain, 'month', 'day') as grain),
            case when spans_ago <= 0 then 'current' else 'previous' end as span
        from dated
        where spans_ago < 2
    )
"""
"""The CTEs `horizon`, the last day that metrics are shown for, and `days`: every value of the last
`$days` days up to it (`current`) and of as many before (`previous`)."""

DEFINED = """
    kpi_definitions as definitions
    -- left: targets may be set from a day to come only
    left join kpi_targets as targets
        on definitions.metric = targets.metric and definitions.variant = targets.variant
        and (select published_at::date from meta_generation) >= targets.valid_from_on
        and (select published_at::date from meta_generation)
            < coalesce(targets.valid_to_on, date '9999-12-31')
"""
"""Every metric's definition with the target in force when the generation was published."""
