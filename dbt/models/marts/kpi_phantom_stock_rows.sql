with

phantoms as (
    select * from {{ ref('fct_phantom_stock') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

final as (
    {% for variant, measure in [('units', 'quantity'), ('value', 'amount')] -%}
    select
        '{{ variant }}' as variant,
        phantoms.location_id,
        phantoms.system,
        phantoms.cause,
        phantoms.return_id,
        phantoms.sku,
        cast(phantoms.{{ measure }} as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ local_date('phantoms.began_at', "coalesce(locations.time_zone, 'UTC')") }} as period
    from phantoms
    -- left: a return may name no location
    left join locations on phantoms.location_id = locations.location_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
