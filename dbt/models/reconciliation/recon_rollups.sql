-- The same incidents from six sides; those of one side sum to all that it knows.
with

incidents as (
    select * from {{ ref('recon_incidents') }}
),

final as (
    {% for dimension, column in [
        ('system', 'system'), ('location', 'location_id'), ('sku', 'sku'), ('cause', 'cause'),
        ('worker', 'worker_id'), ('supplier', 'supplier_id'),
    ] -%}
    select
        '{{ dimension }}' as dimension,
        {{ column }} as member,
        count(*) as incident_count,
        count(*) filter (where ended_at is null) as standing_count,
        cast(sum(abs(quantity)) as bigint) as quantity,
        cast(sum(net_quantity) as bigint) as net_quantity,
        cast(sum(abs(amount)) as decimal(38, 4)) as amount,
        cast(coalesce(sum(abs(quantity)) filter (where cause != 'unexplained'), 0) as bigint)
            as explained_quantity,
        coalesce(sum(abs(quantity)) filter (where cause != 'unexplained'), 0)
        / nullif(cast(sum(abs(quantity)) as double), 0) as explained_share,
        mode(cause) as commonest_cause,
        quantile_cont(hours_to_detect, 0.5) as median_hours_to_detect,
        quantile_cont(hours_to_detect, 0.9) as p90_hours_to_detect
    from incidents
    where {{ column }} is not null
    group by {{ column }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
