with

positions as (
    select * from {{ ref('int_availability__positions') }}
),

projected as (
    select * from {{ ref('fct_availability_projected') }}
),

policies as (
    select * from {{ ref('int_availability__policies') }}
),

demand as (
    select * from {{ ref('fct_demand_open') }}
),

supply as (
    select * from {{ ref('fct_supply_expected') }}
    where is_late or due_on is null
),

held as (
    select
        sku,
        coalesce(location_id, '*') as location_id,
        sum(quantity) as quantity
    from demand
    where is_held
    group by grouping sets ((sku), (sku, location_id))
    having location_id is not null or grouping(location_id) = 1
),

uncounted as (
    select
        sku,
        coalesce(location_id, '*') as location_id,
        sum(case when is_late then quantity else 0 end) as late_quantity,
        sum(case when due_on is null then quantity else 0 end) as undated_quantity
    from supply
    group by grouping sets ((sku), (sku, location_id))
),

horizon as (
    select
        sku,
        location_id,
        sum(supply_quantity) as supply_quantity,
        sum(demand_quantity) as open_demand_quantity,
        min(projected_quantity) as lowest_quantity,
        min_by(projected_on, row(projected_quantity, day)) as lowest_on,
        any_value(safety_stock_quantity) as safety_stock_quantity
    from projected
    group by sku, location_id
),

fences as (
    select
        sku,
        channel_id,
        sum(ring_fence_quantity) over (partition by sku) - ring_fence_quantity
            as fenced_quantity
    from policies
),

termed as (
    select
        positions.sku,
        positions.location_id,
        policies.channel_id,
        policies.rule_id,
        policies.buffer_command_id,
        positions.on_hand_quantity,
        positions.free_quantity,
        positions.overdrawn_quantity,
        positions.reserved_quantity,
        positions.in_transit_quantity,
        horizon.supply_quantity,
        horizon.open_demand_quantity,
        coalesce(held.quantity, 0) as held_demand_quantity,
        coalesce(uncounted.late_quantity, 0) as late_supply_quantity,
        coalesce(uncounted.undated_quantity, 0) as undated_supply_quantity,
        horizon.lowest_quantity,
        horizon.safety_stock_quantity,
        -- a location keeps its own buffer; the network keeps each location's, as far as it has it,
        -- and what other channels fenced off
        case
            when positions.location_id != '*' then policies.buffer_quantity
            else
                coalesce(
                    sum(
                        least(
                            policies.buffer_quantity,
                            greatest(positions.free_quantity - positions.overdrawn_quantity, 0)
                        )
                    ) filter (where positions.location_id != '*') over (
                        partition by positions.sku, policies.channel_id
                    ),
                    0
                )
                + fences.fenced_quantity
        end as buffer_quantity,
        positions.negative_quantity,
        horizon.lowest_on
    from positions
    inner join policies on positions.sku = policies.sku
    inner join fences
        on policies.sku = fences.sku and policies.channel_id = fences.channel_id
    inner join horizon
        on positions.sku = horizon.sku and positions.location_id = horizon.location_id
    -- left: little demand is held, little supply is late or undated
    left join held on positions.sku = held.sku and positions.location_id = held.location_id
    left join uncounted
        on positions.sku = uncounted.sku and positions.location_id = uncounted.location_id
),

promised as (
    select
        *,
        lowest_quantity - safety_stock_quantity - buffer_quantity as own_quantity,
        max(
            case
                when location_id = '*'
                    then lowest_quantity - safety_stock_quantity - buffer_quantity
            end
        ) over (partition by sku, channel_id) as network_quantity
    from termed
),

-- a place may not promise what the network owes or keeps and no other place can spare
capped as (
    select
        *,
        greatest(own_quantity - network_quantity, 0) as kept_for_network_quantity,
        least(own_quantity, network_quantity) as signed_atp_quantity
    from promised
),

final as (
    select
        sku,
        location_id,
        channel_id,
        rule_id,
        buffer_command_id,
        {% for term in [
            'on_hand', 'free', 'overdrawn', 'reserved', 'in_transit', 'supply', 'open_demand',
            'held_demand', 'late_supply', 'undated_supply', 'lowest', 'safety_stock', 'buffer',
            'kept_for_network', 'signed_atp',
        ] -%}
        cast({{ term }}_quantity as bigint) as {{ term }}_quantity,
        {% endfor -%}
        cast(greatest(signed_atp_quantity, 0) as bigint) as atp_quantity,
        cast(greatest(-lowest_quantity, 0) + negative_quantity as bigint)
            as oversell_exposure_quantity,
        lowest_on
    from capped
)

select * from final
