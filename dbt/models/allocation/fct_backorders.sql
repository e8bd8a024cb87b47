with

short as (
    select * from {{ ref('int_allocation__lines_short') }}
),

projected as (
    select * from {{ ref('fct_availability_projected') }}
),

clock as (
    select * from {{ ref('clock') }}
),

-- the first day on which the network owes nobody any more
cleared as (
    select
        sku,
        location_id,
        min(projected_on) as expected_on
    from projected
    where day > 0 and lowest_quantity >= 0
    group by sku, location_id
),

expected as (
    select
        short.*,
        -- a kit waits for the last of its components
        max(coalesce(cleared.expected_on, date '9999-12-31')) over (
            partition by short.order_id, short.line_id
        ) as expected_on,
        row_number() over (
            partition by short.order_id, short.line_id
            order by short.short_line_quantity desc, short.sku asc
        ) as scarcity_rank
    from short
    -- left: no supply in sight may clear it
    left join cleared
        on
            short.sku = cleared.sku
            and cleared.location_id = coalesce(short.requested_location_id, '*')
),

final as (
    select
        expected.order_id,
        expected.line_id,
        expected.line_sku as sku,
        expected.sku as scarce_sku,
        expected.channel_id,
        expected.requested_location_id,
        expected.shortage_reason,
        expected.short_line_quantity as short_quantity,
        expected.amount,
        case
            when expected.promised_ship_by is null then 'no promise'
            when expected.promised_ship_by >= clock.as_of_at then 'not due'
            when expected.promised_ship_by >= clock.as_of_at - interval 1 day
                then 'up to a day late'
            when expected.promised_ship_by >= clock.as_of_at - interval 3 day
                then '1 to 3 days late'
            when expected.promised_ship_by >= clock.as_of_at - interval 7 day
                then '3 to 7 days late'
            else 'over a week late'
        end as age_against_promise,
        expected.placed_at,
        expected.promised_ship_by,
        nullif(expected.expected_on, date '9999-12-31') as expected_on
    from expected
    cross join clock
    where expected.scarcity_rank = 1
)

select * from final
