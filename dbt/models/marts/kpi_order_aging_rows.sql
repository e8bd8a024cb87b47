with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
    where closed_on is null or closed_on > placed_on
),

-- from when until when each line counts in each variant
spans as (
    select
        *,
        'open' as variant,
        placed_on as period,
        closed_on as period_to
    from lines
    union all
    {% for variant, from_days, to_days in [
        ('age_under_1_day', 0, 1),
        ('age_1_to_3_days', 1, 3),
        ('age_3_to_7_days', 3, 7),
        ('age_7_to_14_days', 7, 14),
        ('age_over_14_days', 14, none),
    ] -%}
    select
        *,
        '{{ variant }}' as variant,
        cast(placed_on + interval {{ from_days }} day as date) as period,
        {% if to_days -%}
        least(
            coalesce(closed_on, placed_on + interval {{ to_days }} day),
            placed_on + interval {{ to_days }} day
        )
        {%- else -%}
        closed_on
        {%- endif %} as period_to
    from lines
    where
        placed_on + interval {{ from_days }} day <= as_of_on
        and (closed_on is null or closed_on > placed_on + interval {{ from_days }} day)
    union all
    {% endfor -%}
    select
        *,
        'stage_waiting' as variant,
        placed_on as period,
        least(coalesce(first_pick_on, closed_on), closed_on) as period_to
    from lines
    where hold_reason is null and (first_pick_on is null or first_pick_on > placed_on)
    union all
    select
        *,
        'stage_picking' as variant,
        first_pick_on as period,
        closed_on as period_to
    from lines
    where
        hold_reason is null
        and first_pick_on is not null
        and (closed_on is null or closed_on > first_pick_on)
    union all
    select
        *,
        'stage_on_hold' as variant,
        placed_on as period,
        closed_on as period_to
    from lines
    where hold_reason is not null
    union all
    select
        *,
        'at_risk' as variant,
        greatest(placed_on, cast(due_on - interval 1 day as date)) as period,
        closed_on as period_to
    from lines
    where
        hold_reason is null
        and due_on <= as_of_on + interval 1 day
        and (closed_on is null or closed_on >= due_on)
),

final as (
    select
        variant,
        location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        cast(1 as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        period,
        period_to
    from spans
)

select * from final
