{%- set metrics = ['stock_quantity', 'order_aging', 'refund_exposure', 'backorder_exposure'] -%}
with

-- what counts on each day of [period, period_to): it comes on the one and goes on the other
changes as (
    {% for metric in metrics -%}
    {% for sign, day in [('', 'period'), ('-', 'period_to')] -%}
    select
        '{{ metric }}' as metric,
        variant,
        location_id,
        {{ 'channel_id' if metric in ['order_aging', 'backorder_exposure'] else
            'cast(null as varchar) as channel_id' }},
        {{ sign }}numerator as change,
        {{ day }} as changed_on
    from {{ ref('kpi_' ~ metric ~ '_rows') }}
    {{ 'where period_to is not null' if sign }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

measured as (
    {% for metric in metrics -%}
    select
        '{{ metric }}' as metric,
        max(period) as last_on
    from {{ ref('kpi_' ~ metric ~ '_rows') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- stock lies there on days without a movement too: up to the last that any of them knows
horizons as (
    select
        metric,
        case when metric = 'stock_quantity' then max(last_on) over () else last_on end as last_on
    from measured
),

rolled as (
    select
        metric,
        variant,
        {{ grain_of([['location_id'], ['channel_id']], 'day') | indent(8) }} as grain,
        location_id,
        channel_id,
        sum(change) as change,
        changed_on
    from changes
    group by
        grouping sets (
            (metric, variant, changed_on),
            (metric, variant, changed_on, location_id),
            (metric, variant, changed_on, channel_id)
        )
    having
        not (grouping(location_id) = 0 and location_id is null)
        and not (grouping(channel_id) = 0 and channel_id is null)
),

spans as (
    select
        rolled.metric,
        rolled.variant,
        rolled.grain,
        rolled.location_id,
        rolled.channel_id,
        {{ days_between('min(rolled.changed_on)', 'any_value(horizons.last_on)') }} as period
    from rolled
    inner join horizons on rolled.metric = horizons.metric
    group by
        rolled.metric, rolled.variant, rolled.grain, rolled.location_id, rolled.channel_id
),

final as (
    select
        spans.metric,
        spans.variant,
        spans.grain,
        spans.location_id,
        spans.channel_id,
        cast(
            sum(coalesce(rolled.change, 0)) over (
                partition by
                    spans.metric, spans.variant, spans.grain, spans.location_id, spans.channel_id
                order by spans.period
                rows between unbounded preceding and current row
            ) as decimal(38, 6)
        ) as numerator,
        spans.period
    from spans
    -- left: most days change nothing
    left join rolled
        on
            spans.metric = rolled.metric
            and spans.variant = rolled.variant
            and spans.grain = rolled.grain
            and spans.location_id is not distinct from rolled.location_id
            and spans.channel_id is not distinct from rolled.channel_id
            and spans.period = rolled.changed_on
)

select * from final
