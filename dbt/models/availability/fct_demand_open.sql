-- What customers still wait for, in the SKUs that serve it: a kit that is not stocked as such asks
-- for its components.
with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
    where open_quantity > 0
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
    where not is_stocked
),

progressed as (
    select * from {{ ref('int_commitments__kits_progressed') }}
    qualify
        row_number() over (partition by order_id, line_id, sku order by occurred_at desc) = 1
),

locations as (
    select * from {{ ref('dim_locations') }}
),

-- what each component has sent or holds for its line, and what whole kits did in its stead
served as (
    select
        order_id,
        line_id,
        sku,
        is_whole_kit,
        shipped_quantity,
        greatest(0, reserved_quantity) + greatest(0, picked_quantity) + greatest(0, packed_quantity)
            as held_quantity
    from progressed
),

needed as (
    select
        kit_lines.order_id,
        kit_lines.line_id,
        kit_lines.kit_sku,
        kit_lines.component_sku,
        kit_lines.needed_quantity
        - coalesce(components.shipped_quantity, 0)
        - coalesce(kits.shipped_quantity, 0) * kit_lines.component_quantity
            as open_quantity,
        coalesce(components.held_quantity, 0)
        + coalesce(kits.held_quantity, 0) * kit_lines.component_quantity
            as held_quantity
    from kit_lines
    -- left: nothing of the line may have moved yet
    left join served as components
        on
            kit_lines.order_id = components.order_id
            and kit_lines.line_id = components.line_id
            and kit_lines.component_sku = components.sku
    left join served as kits
        on
            kit_lines.order_id = kits.order_id
            and kit_lines.line_id = kits.line_id
            and kits.is_whole_kit
),

final as (
    select
        order_lines.order_id,
        order_lines.line_id,
        coalesce(needed.component_sku, order_lines.sku) as sku,
        needed.kit_sku,
        order_lines.channel_id,
        order_lines.requested_location_id as location_id,
        order_lines.hold_reason,
        case
            when needed.kit_sku is not null
                then
                    needed.open_quantity
                    - case when order_lines.hold_reason is null then needed.held_quantity else 0 end
            when order_lines.hold_reason is null then order_lines.waiting_quantity
            else order_lines.open_quantity
        end as quantity,
        order_lines.unit_price,
        order_lines.is_ship_complete,
        order_lines.hold_reason is not null as is_held,
        {{ local_date(
            'coalesce(order_lines.promised_ship_by, order_lines.placed_at)',
            "coalesce(locations.time_zone, 'UTC')",
        ) }} as due_on,
        order_lines.placed_at,
        order_lines.promised_ship_by
    from order_lines
    -- left: few lines are kits, few ask for a location
    left join needed
        on
            order_lines.order_id = needed.order_id
            and order_lines.line_id = needed.line_id
    left join locations on order_lines.requested_location_id = locations.location_id
)

select * from final
where quantity > 0
