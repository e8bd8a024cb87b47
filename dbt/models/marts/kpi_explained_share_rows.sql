with

causes as (
    select * from {{ ref('recon_causes') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

final as (
    {% for variant, measure in [('units', 'quantity'), ('amount', 'amount')] -%}
    select
        '{{ variant }}' as variant,
        causes.system as source_system,
        causes.location_id,
        causes.claim_id,
        causes.cause,
        causes.sku,
        cast(
            case when causes.cause = 'unexplained' then 0 else abs(causes.{{ measure }}) end
            as decimal(38, 6)
        ) as numerator,
        cast(abs(causes.{{ measure }}) as decimal(38, 6)) as denominator,
        {{ local_date('causes.as_of', "coalesce(locations.time_zone, 'UTC')") }} as period
    from causes
    -- left: a claim on all locations has none
    left join locations on causes.location_id = locations.location_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
