with

latest as (
    {{ latest_revision('products', ['sku']) | indent(4) }}
),

final as (
    select
        sku,
        coalesce(title, sku) as title,
        coalesce(category, 'uncategorised') as category,
        brand,
        upper(abc_class) as abc_class,
        owner,
        currency,
        unit_cost as unit_cost_amount,
        list_price as list_price_amount,
        weight_g,
        case_pack as case_pack_quantity,
        shelf_life_days,
        coalesce(lot_tracked, false) as is_lot_tracked,
        source_system,
        recorded_at
    from latest
)

select * from final
