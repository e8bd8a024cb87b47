with

latest as (
    {{ latest_revision('unit_conversions', ['sku', 'lower(uom)']) | indent(4) }}
),

final as (
    select
        sku,
        lower(uom) as uom,
        numerator,
        denominator
    from latest
)

select * from final
