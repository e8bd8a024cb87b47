{%- set key = ['order_id', 'line_id'] -%}
with

judged as (
    {{ judged_rows('order_lines', revisable_by=key, is_history_kept=true) | indent(4) }}
),

final as (
    select
        order_id,
        line_id,
        row_number() over (
            partition by order_id, line_id
            order by recorded_at desc, source_system asc, record_hash asc
        ) as statement_number,
        sku,
        quantity as ordered_quantity,
        recorded_at
    from judged
    where quarantine_rule is null
)

select * from final
