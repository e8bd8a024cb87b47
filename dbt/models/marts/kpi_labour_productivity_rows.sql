with

tasks as (
    select * from {{ ref('kpi_tasks_measured') }}
    where labour_hours > 0
),

final as (
    {% for variant, measure in [('lines', 'line_count'), ('units', 'unit_quantity')] -%}
    select
        task || '_{{ variant }}' as variant,
        location_id,
        worker_id,
        shift,
        task_id,
        order_id,
        line_id,
        cast({{ measure }} as decimal(38, 6)) as numerator,
        cast(labour_hours as decimal(38, 6)) as denominator,
        worked_on as period
    from tasks
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
