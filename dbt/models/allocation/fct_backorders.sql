with

allocations as (
    select * from {{ ref('fct_allocations') }}
    where short_quantity > 0
),

lines as (
    select * from {{ ref('fct_allocation_lines') }}
),

projected as (
    select * from {{ ref('fct_availability_projected') }}
),

clock as (
    select * from {{ ref('clock') }}
),

-- the first day on which the network owes nobody any more
expected as (
    select
        sku,
        location_id,
        min(projected_on) as expected_on
    from projected
    where day > 0 and lowest_quantity >= 0
    group by sku, location_id
),

short as (
    select
        order_id,
        line_id,
        sku,
        channel_id,
        any_value(short_quantity) as short_quantity,
        any_value(shortage_reason) as shortage_reason,
        any_value(promised_ship_by) as promised_ship_by
    from allocations
    group by order_id, line_id, sku, channel_id
),

final as (
    select
        short.order_id,
        short.line_id,
        short.sku,
        lines.kit_sku,
        short.channel_id,
        lines.requested_location_id,
        short.shortage_reason,
        short.short_quantity,
        cast(short.short_quantity * lines.unit_price as decimal(38, 4)) as amount,
        case
            when short.promised_ship_by is null then 'no promise'
            when short.promised_ship_by >= clock.as_of_at then 'not due'
            when short.promised_ship_by >= clock.as_of_at - interval 1 day then 'up to a day late'
            when short.promised_ship_by >= clock.as_of_at - interval 3 day then '1 to 3 days late'
            when short.promised_ship_by >= clock.as_of_at - interval 7 day then '3 to 7 days late'
            else 'over a week late'
        end as age_against_promise,
        lines.placed_at,
        short.promised_ship_by,
        expected.expected_on
    from short
    inner join lines
        on
            short.order_id = lines.order_id
            and short.line_id = lines.line_id
            and short.sku = lines.sku
    cross join clock
    -- left: no supply in sight may clear it
    left join expected
        on
            short.sku = expected.sku
            and expected.location_id = coalesce(lines.requested_location_id, '*')
)

select * from final
