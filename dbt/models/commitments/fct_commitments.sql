-- Every row is something that happened at its instant; none changes when more happens later.
with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

lines_ordered as (
    select * from {{ ref('int_commitments__lines_ordered') }}
),

lines_cancelled as (
    select * from {{ ref('int_commitments__lines_cancelled') }}
),

lines_served as (
    select * from {{ ref('int_commitments__lines_served') }}
),

changes as (
    select
        concat_ws('|', order_id, line_id, sku, ordered_at) as change_id,
        order_id,
        line_id,
        sku,
        cast(null as varchar) as location_id,
        'ordered' as commitment_type,
        quantity,
        quantity as open_quantity,
        ordered_at as occurred_at
    from lines_ordered
    union all
    select
        concat_ws('|', order_id, line_id, changed_at) as change_id,
        order_id,
        line_id,
        cast(null as varchar) as sku,
        cast(null as varchar) as location_id,
        'cancelled' as commitment_type,
        quantity,
        -quantity as open_quantity,
        changed_at as occurred_at
    from lines_cancelled
    union all
    select
        change_id,
        order_id,
        line_id,
        cast(null as varchar) as sku,
        location_id,
        commitment_type,
        quantity,
        -- a reservation leaves the line open
        case when commitment_type = 'shipped' then -quantity else 0 end as open_quantity,
        occurred_at
    from lines_served
),

final as (
    select
        md5(concat_ws('|', changes.change_id, changes.commitment_type)) as commitment_id,
        changes.order_id,
        changes.line_id,
        coalesce(changes.sku, order_lines.sku) as sku,
        order_lines.channel_id,
        coalesce(changes.location_id, order_lines.requested_location_id) as location_id,
        changes.commitment_type,
        changes.quantity,
        changes.open_quantity,
        changes.occurred_at
    from changes
    inner join order_lines
        on
            changes.order_id = order_lines.order_id
            and changes.line_id = order_lines.line_id
)

select * from final
