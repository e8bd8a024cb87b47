with

returns as (
    select * from {{ ref('fct_returns') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

final as (
    {% for variant, measure in [('units', 'refunded_quantity'), ('amount', 'refund_amount')] -%}
    select
        '{{ variant }}' as variant,
        returns.location_id,
        returns.return_id,
        returns.order_id,
        returns.sku,
        cast(returns.{{ measure }} as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ local_date('returns.refunded_at', "coalesce(locations.time_zone, 'UTC')") }} as period,
        {{ local_date('returns.received_at', "coalesce(locations.time_zone, 'UTC')") }}
            as period_to
    from returns
    -- left: a return may name no location
    left join locations on returns.location_id = locations.location_id
    where
        returns.refunded_at is not null
        and (returns.received_at is null or returns.received_at > returns.refunded_at)
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
