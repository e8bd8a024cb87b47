-- A line's commitments sum to what is open.
with

commitments as (
    select * from {{ ref('fct_commitments') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

summed as (
    select
        order_id,
        line_id,
        sum(open_quantity) as open_quantity
    from commitments
    group by order_id, line_id
)

select
    order_lines.order_id,
    order_lines.line_id,
    order_lines.open_quantity,
    summed.open_quantity as committed_quantity
from order_lines
inner join summed
    on
        order_lines.order_id = summed.order_id
        and order_lines.line_id = summed.line_id
where order_lines.open_quantity != summed.open_quantity
