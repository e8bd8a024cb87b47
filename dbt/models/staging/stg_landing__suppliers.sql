with

latest as (
    {{ latest_revision('suppliers', ['supplier_id']) | indent(4) }}
),

final as (
    select
        supplier_id,
        coalesce(name, supplier_id) as supplier_name,
        recorded_at
    from latest
)

select * from final
