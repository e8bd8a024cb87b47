{%- set key = ['kit_sku', 'component_sku', 'valid_from'] -%}
with

latest as (
    {{ latest_revision('bills_of_materials', key) | indent(4) }}
),

final as (
    select
        kit_sku,
        component_sku,
        quantity as component_quantity,
        coalesce(valid_from, timestamp '1970-01-01') as valid_from,
        valid_to,
        source_system,
        recorded_at
    from latest
)

select * from final
