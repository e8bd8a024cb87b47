-- A cancelled order asks for nothing: what is ordered and not shipped of its lines is cancelled, at
-- every instant. What ships later all the same is cancelled no longer.
with

orders_cancelled as (
    select * from {{ ref('int_commitments__orders_cancelled') }}
),

ordered as (
    select * from {{ ref('int_commitments__lines_ordered') }}
),

served as (
    select * from {{ ref('int_commitments__lines_served') }}
    where commitment_type = 'shipped'
),

changes as (
    select
        order_id,
        line_id,
        quantity as open_quantity,
        0 as is_cancelled_change,
        ordered_at as changed_at
    from ordered
    semi join orders_cancelled on ordered.order_id = orders_cancelled.order_id
    union all
    select
        order_id,
        line_id,
        -quantity as open_quantity,
        0 as is_cancelled_change,
        occurred_at as changed_at
    from served
    semi join orders_cancelled on served.order_id = orders_cancelled.order_id
    {% for change, at in [('1', 'cancelled_from'), ('-1', 'cancelled_until')] -%}
    union all
    select distinct
        ordered.order_id,
        ordered.line_id,
        0 as open_quantity,
        {{ change }} as is_cancelled_change,
        orders_cancelled.{{ at }} as changed_at
    from ordered
    inner join orders_cancelled on ordered.order_id = orders_cancelled.order_id
    where orders_cancelled.{{ at }} is not null
    {% endfor %}
),

instants as (
    select
        order_id,
        line_id,
        sum(open_quantity) as open_quantity,
        sum(is_cancelled_change) as is_cancelled_change,
        changed_at
    from changes
    group by order_id, line_id, changed_at
),

standing as (
    select
        order_id,
        line_id,
        case
            when sum(is_cancelled_change) over so_far > 0
                then greatest(0, sum(open_quantity) over so_far)
            else 0
        end as cancelled_quantity,
        changed_at
    from instants
    window so_far as (
        partition by order_id, line_id
        order by changed_at
        rows between unbounded preceding and current row
    )
),

stepped as (
    select
        order_id,
        line_id,
        cast(
            cancelled_quantity
            - coalesce(
                lag(cancelled_quantity) over (
                    partition by order_id, line_id order by changed_at
                ),
                0
            ) as bigint
        ) as quantity,
        changed_at
    from standing
),

final as (
    select * from stepped
    where quantity != 0
)

select * from final
