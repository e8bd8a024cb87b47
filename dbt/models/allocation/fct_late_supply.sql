-- Supply whose day has passed, with the orders that go short of it: the same stock promised twice
-- shows here first.
with

supply as (
    select * from {{ ref('fct_supply_expected') }}
    where is_late
),

short as (
    select distinct
        allocations.order_id || ' · ' || allocations.line_id as line,
        allocations.sku,
        allocations.short_quantity,
        lines.requested_location_id,
        lines.unit_price,
        allocations.promised_ship_by
    from {{ ref('fct_allocations') }} as allocations
    inner join {{ ref('fct_allocation_lines') }} as lines
        on
            allocations.order_id = lines.order_id
            and allocations.line_id = lines.line_id
            and allocations.sku = lines.sku
    where
        allocations.short_quantity > 0
        -- a kit short of another component waits for that one's supply
        and allocations.shortage_reason != 'kit_incomplete'
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
        cast(coalesce(sum(short.short_quantity * short.unit_price), 0) as decimal(18, 4))
            as endangered_amount,
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
