-- Lines cancelled or short for lack of stock: what their channel listed when they were accepted,
-- and what was really free then.
with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

backorders as (
    select * from {{ ref('fct_backorders') }}
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
    where state = 'available'
),

claims as (
    select * from {{ ref('fct_stock_claims') }}
    where quantity_kind = 'sellable_listed'
),

short as (
    select
        order_id,
        line_id,
        max(short_quantity) as short_quantity
    from backorders
    group by order_id, line_id
),

lacking as (
    select
        order_lines.order_id,
        order_lines.line_id,
        order_lines.sku,
        order_lines.channel_id,
        order_lines.requested_location_id,
        order_lines.ordered_quantity,
        case
            when order_lines.cancel_reason = 'out_of_stock' then order_lines.cancelled_quantity
            else 0
        end as cancelled_quantity,
        coalesce(short.short_quantity, 0) as short_quantity,
        order_lines.unit_price,
        order_lines.placed_at
    from order_lines
    -- left: a line is cancelled, or short, or both
    left join short
        on order_lines.order_id = short.order_id and order_lines.line_id = short.line_id
    where
        (order_lines.cancel_reason = 'out_of_stock' and order_lines.cancelled_quantity > 0)
        or short.short_quantity > 0
),

free as (
    select
        lacking.order_id,
        lacking.line_id,
        cast(sum(entries.quantity) as bigint) as free_quantity
    from lacking
    inner join entries
        on
            lacking.sku = entries.sku
            and entries.location_id = coalesce(lacking.requested_location_id, entries.location_id)
            and lacking.placed_at >= entries.occurred_at
    group by lacking.order_id, lacking.line_id
),

-- the newest listing before the order, of each place the channel lists
listed as (
    select
        lacking.order_id,
        lacking.line_id,
        claims.claim_id,
        claims.claimed_quantity,
        claims.as_of
    from lacking
    inner join claims
        on
            lacking.sku = claims.sku
            and coalesce(claims.channel_id, lacking.channel_id) = lacking.channel_id
            and lacking.placed_at >= claims.as_of
    qualify
        row_number() over (
            partition by
                lacking.order_id, lacking.line_id, claims.channel_id, claims.location_id
            order by claims.as_of desc, claims.claim_id asc
        ) = 1
),

summed as (
    select
        order_id,
        line_id,
        cast(sum(claimed_quantity) as bigint) as listed_quantity,
        list(claim_id order by claim_id) as evidence,
        max(as_of) as listed_at
    from listed
    group by order_id, line_id
),

final as (
    select
        lacking.order_id,
        lacking.line_id,
        lacking.sku,
        lacking.channel_id,
        lacking.requested_location_id,
        lacking.ordered_quantity,
        lacking.cancelled_quantity,
        lacking.short_quantity,
        summed.listed_quantity,
        coalesce(free.free_quantity, 0) as free_quantity,
        cast(
            (lacking.cancelled_quantity + lacking.short_quantity) * lacking.unit_price
            as decimal(38, 4)
        ) as amount,
        coalesce(summed.listed_quantity >= lacking.ordered_quantity, false)
        and coalesce(free.free_quantity, 0) < lacking.ordered_quantity as is_oversold,
        summed.evidence,
        summed.listed_at,
        lacking.placed_at
    from lacking
    -- left: nothing may have been free, and a channel may list nothing
    left join free on lacking.order_id = free.order_id and lacking.line_id = free.line_id
    left join summed on lacking.order_id = summed.order_id and lacking.line_id = summed.line_id
)

select * from final
