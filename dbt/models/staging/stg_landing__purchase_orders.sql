with

judged as (
    select * from {{ ref('base_landing__purchase_orders') }}
),

final as (
    select
        po_id,
        line_id as po_line_id,
        supplier_id,
        sku,
        location_id,
        status,
        quantity as ordered_quantity,
        cast(unit_cost as decimal(38, 6)) as unit_cost_amount,
        ordered_at,
        due_at as first_due_at,
        coalesce(revised_due_at, due_at) as due_at,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        recorded_at,
        ingested_at
    from judged
    where quarantine_rule is null
)

select * from final
