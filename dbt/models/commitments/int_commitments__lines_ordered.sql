-- What was ordered, as it was told: at first when the order was placed, then what each revision
-- changed, when it was told. A revision that names another SKU takes all back of the one before.
with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

revisions as (
    select * from {{ ref('stg_landing__order_line_revisions') }}
),

followed as (
    select
        *,
        lag(sku) over told_in_order as sku_before,
        lag(ordered_quantity) over told_in_order as quantity_before
    from revisions
    window told_in_order as (
        partition by order_id, line_id order by statement_number desc
    )
),

changes as (
    select
        order_id,
        line_id,
        sku,
        ordered_quantity as quantity,
        sku_before is null as is_first,
        recorded_at
    from followed
    union all
    select
        order_id,
        line_id,
        sku_before as sku,
        -quantity_before as quantity,
        false as is_first,
        recorded_at
    from followed
    where sku_before is not null
),

final as (
    select
        changes.order_id,
        changes.line_id,
        changes.sku,
        cast(sum(changes.quantity) as bigint) as quantity,
        case
            when changes.is_first then order_lines.placed_at
            else greatest(order_lines.placed_at, changes.recorded_at)
        end as ordered_at
    from changes
    inner join order_lines
        on
            changes.order_id = order_lines.order_id
            and changes.line_id = order_lines.line_id
    group by changes.order_id, changes.line_id, changes.sku, ordered_at
    having sum(changes.quantity) != 0
)

select * from final
