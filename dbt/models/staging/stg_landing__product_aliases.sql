with

latest as (
    {{ latest_revision('product_aliases', ['source_system', 'alias']) | indent(4) }}
),

final as (
    select
        source_system,
        upper(alias) as alias,
        sku,
        recorded_at
    from latest
)

select * from final
