with

latest as (
    {{ latest_revision('quantity_kinds', ['quantity_kind', 'state']) | indent(4) }}
),

final as (
    select
        quantity_kind,
        state,
        recorded_at
    from latest
)

select * from final
