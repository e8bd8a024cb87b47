-- Why a channel listed more than could be promised is said to the unit.
with

causes as (
    select
        order_id,
        line_id,
        sum(quantity) as quantity
    from {{ ref('fct_oversell_causes') }}
    group by order_id, line_id
)

select
    oversells.order_id,
    oversells.line_id
from {{ ref('fct_oversells') }} as oversells
-- left: a line whose listing was true has no cause
left join causes
    on oversells.order_id = causes.order_id and oversells.line_id = causes.line_id
where
    oversells.listed_quantity is not null
    and oversells.listed_quantity - oversells.network_quantity != coalesce(causes.quantity, 0)
