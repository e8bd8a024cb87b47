-- Supply whose day has passed, with the orders that go short of it: the same stock promised twice
-- shows here first.
with

supply as (
    select * from {{ ref('fct_supply_expected') }}
    where is_late
),

short as (
    select
        *,
        order_id || ' · ' || line_id as line
    from {{ ref('int_allocation__lines_short') }}
),

final as (
    select
        supply.supply_kind,
        supply.sku,
        supply.location_id,
        supply.po_id,
        supply.po_line_id,
        supply.supplier_id,
        supply.transfer_id,
        supply.quantity as late_quantity,
        count(short.line) as endangered_line_count,
        cast(coalesce(sum(short.short_quantity), 0) as bigint) as endangered_quantity,
        cast(coalesce(sum(short.amount), 0) as decimal(38, 4)) as endangered_amount,
        coalesce(
            list(short.line order by short.promised_ship_by, short.line)
            filter (where short.line is not null),
            []
        ) as endangered_lines,
        supply.days_late,
        supply.due_on
    from supply
    -- left: late supply nobody waits for endangers no one
    left join short
        on
            supply.sku = short.sku
            and supply.location_id = coalesce(short.requested_location_id, supply.location_id)
    group by all
)

select * from final
