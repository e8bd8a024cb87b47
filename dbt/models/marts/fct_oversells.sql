-- Lines cancelled or short for lack of stock, and lines accepted that the network could not
-- promise: what their channel listed when they were accepted, and what was true then.
with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

acceptances as (
    select * from {{ ref('kpi_acceptances_measured') }}
),

backorders as (
    select * from {{ ref('fct_backorders') }}
),

listings as (
    select * from {{ ref('int_marts__listings') }}
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
    where not is_stocked
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
    where state = 'available'
),

accepted as (
    select
        acceptances.*,
        order_lines.requested_location_id,
        order_lines.unit_price,
        case
            when order_lines.cancel_reason = 'out_of_stock' then order_lines.cancelled_quantity
            else 0
        end as cancelled_quantity,
        coalesce(backorders.short_quantity, 0) as short_quantity
    from acceptances
    inner join order_lines
        on
            acceptances.order_id = order_lines.order_id
            and acceptances.line_id = order_lines.line_id
    -- left: most lines lack nothing
    left join backorders
        on
            acceptances.order_id = backorders.order_id
            and acceptances.line_id = backorders.line_id
),

lacking as (
    select * from accepted
    where cancelled_quantity > 0 or short_quantity > 0 or is_oversold
),

served_by as (
    select
        lacking.order_id,
        lacking.line_id,
        coalesce(kit_lines.component_sku, lacking.sku) as sku,
        coalesce(kit_lines.component_quantity, 1) as per_line_unit_quantity,
        lacking.placed_at
    from lacking
    -- left: most lines are for the SKU itself
    left join kit_lines
        on lacking.order_id = kit_lines.order_id and lacking.line_id = kit_lines.line_id
),

on_shelf as (
    select
        served_by.order_id,
        served_by.line_id,
        served_by.per_line_unit_quantity,
        coalesce(sum(entries.quantity), 0) as quantity
    from served_by
    -- left: nothing may ever have been there
    left join entries
        on served_by.sku = entries.sku and served_by.placed_at >= entries.occurred_at
    group by
        served_by.order_id, served_by.line_id, served_by.sku, served_by.per_line_unit_quantity
),

free as (
    select
        order_id,
        line_id,
        cast(min(floor(quantity / per_line_unit_quantity)) as bigint) as free_quantity
    from on_shelf
    group by order_id, line_id
),

listed as (
    select
        lacking.order_id,
        lacking.line_id,
        list(listings.claim_id order by listings.claim_id) as evidence,
        max(listings.listed_at) as listed_at
    from lacking
    inner join listings
        on
            lacking.sku = listings.sku
            and lacking.channel_id = listings.channel_id
            and lacking.placed_at >= listings.listed_at
            and lacking.placed_at < coalesce(listings.relisted_at, timestamp '9999-12-31')
    group by lacking.order_id, lacking.line_id
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
        lacking.listed_quantity,
        free.free_quantity,
        lacking.network_quantity,
        cast(
            (lacking.cancelled_quantity + lacking.short_quantity) * lacking.unit_price
            as decimal(38, 4)
        ) as amount,
        lacking.is_oversold,
        listed.evidence,
        listed.listed_at,
        lacking.placed_at
    from lacking
    inner join free on lacking.order_id = free.order_id and lacking.line_id = free.line_id
    -- left: a channel may list nothing
    left join listed on lacking.order_id = listed.order_id and lacking.line_id = listed.line_id
)

select * from final
