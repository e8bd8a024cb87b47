-- What stands behind each term of a promise, down to the row of the file that says so.
with

availability as (
    select * from {{ ref('fct_availability') }}
),

projected as (
    select * from {{ ref('fct_availability_projected') }}
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

-- available units past their last day are a term of their own, with those called expired
balances as (
    select
        *,
        case when state = 'available' and not is_sellable then 'expired' else state end as term,
        {{ flow_group() }} as flow_group
    from {{ ref('fct_stock_balances') }}
    where is_on_hand
),

demand as (
    select * from {{ ref('fct_demand_open') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

supply as (
    select * from {{ ref('fct_supply_projected') }}
),

late as (
    select * from {{ ref('fct_supply_expected') }}
    where is_late
),

undated as (
    select * from {{ ref('fct_supply_expected') }}
    where due_on is null
),

safety_stocks as (
    select * from {{ ref('fct_safety_stocks_kept') }}
),

rules as (
    select * from {{ ref('dim_allocation_rules') }}
    where is_current
),

commands as (
    select * from {{ ref('fct_commands') }}
),

-- every reading of a file: a row stands where its own reading found it
batches as (
    select * from {{ ref('meta_readings') }}
),

places as (
    select
        sku,
        location_id,
        min(lowest_on) as lowest_on
    from availability
    group by sku, location_id
),

days as (
    select
        projected.sku,
        projected.location_id,
        min(projected.projected_on) as today_on,
        cast(any_value(places.lowest_on) - min(projected.projected_on) as bigint) as lowest_day
    from projected
    inner join places
        on projected.sku = places.sku and projected.location_id = places.location_id
    group by projected.sku, projected.location_id
),

overdrawn as (
    select
        location_id,
        sku,
        flow_group
    from balances
    where flow_group != 'free'
    group by location_id, sku, flow_group
    having sum(quantity) < 0
),

-- what stands in a state, and once more what stands in a group of states below zero; stock that is
-- spoken for is taken off what is on hand
accounts as (
    select
        location_id,
        sku,
        lot_id,
        state,
        term,
        case when state = 'available' and term != 'expired' then 1 else -1 end as sign
    from balances
    union all
    select
        balances.location_id,
        balances.sku,
        balances.lot_id,
        balances.state,
        'overdrawn' as term,
        1 as sign
    from balances
    inner join overdrawn
        on
            balances.location_id = overdrawn.location_id
            and balances.sku = overdrawn.sku
            and balances.flow_group = overdrawn.flow_group
),

moved as (
    {% for side, sign in [('from', '-'), ('to', '')] -%}
    select
        movements.sku,
        movements.{{ side }}_location_id as at_location_id,
        accounts.term,
        movements.movement_type as event_type,
        movements.movement_id as event_id,
        coalesce(
            movements.order_id || ' · ' || movements.order_line_id,
            movements.order_id,
            movements.po_id || ' · ' || movements.po_line_id,
            movements.po_id,
            movements.return_id,
            movements.transfer_id,
            movements.command_id,
            movements.source_event_key
        ) as reference,
        movements.reason as detail,
        movements.source_system,
        movements.batch_id,
        movements.row_number,
        {{ sign }}accounts.sign * movements.quantity as quantity,
        {{ sign }}accounts.sign * movements.quantity as network_quantity,
        cast(null as date) as due_on,
        movements.occurred_at
    from movements
    inner join accounts
        on
            movements.{{ side }}_location_id = accounts.location_id
            and movements.sku = accounts.sku
            and movements.{{ side }}_state = accounts.state
            and movements.lot_id is not distinct from accounts.lot_id
    union all
    {% endfor -%}
    select
        demand.sku,
        demand.location_id as at_location_id,
        case when demand.is_held then 'held_demand' else 'demand' end as term,
        'order_line' as event_type,
        demand.order_id || ' · ' || demand.line_id as event_id,
        demand.order_id || ' · ' || demand.line_id as reference,
        coalesce(demand.hold_reason, 'for kit ' || demand.kit_sku, demand.channel_id) as detail,
        order_lines.source_system,
        order_lines.batch_id,
        order_lines.row_number,
        case when demand.is_held then demand.quantity else -demand.quantity end as quantity,
        case when demand.is_held then demand.quantity else -demand.quantity end as network_quantity,
        demand.due_on,
        demand.placed_at as occurred_at
    from demand
    inner join order_lines
        on demand.order_id = order_lines.order_id and demand.line_id = order_lines.line_id
    {% for relation, term, quantity, network_quantity in [
        ('supply', 'supply', 'confirmed_quantity', 'network_quantity'),
        ('late', 'late_supply', 'quantity', 'quantity'),
        ('undated', 'undated_supply', 'quantity', 'quantity'),
    ] -%}
    union all
    select
        {{ relation }}.sku,
        {{ relation }}.location_id as at_location_id,
        '{{ term }}' as term,
        {{ relation }}.supply_kind as event_type,
        coalesce(
            {{ relation }}.po_id || ' · ' || {{ relation }}.po_line_id, {{ relation }}.transfer_id
        ) as event_id,
        coalesce(
            {{ relation }}.po_id || ' · ' || {{ relation }}.po_line_id, {{ relation }}.transfer_id
        ) as reference,
        case
            when {{ relation }}.quantity != {{ relation }}.confirmed_quantity
                then {{ relation }}.quantity || ' at confidence ' || {{ relation }}.confidence
            else {{ relation }}.supplier_id
        end as detail,
        cast(null as varchar) as source_system,
        {{ relation }}.batch_id,
        {{ relation }}.row_number,
        {{ relation }}.{{ quantity }} as quantity,
        {{ relation }}.{{ network_quantity }} as network_quantity,
        {{ relation }}.due_on,
        cast(null as timestamp) as occurred_at
    from {{ relation }}
    {% endfor -%}
),

-- each place shows its own events, and the network all of them
placed as (
    select
        moved.* exclude (moved.quantity, moved.network_quantity),
        moved.quantity,
        moved.at_location_id as location_id
    from moved
    where moved.at_location_id is not null
    union all
    select
        moved.* exclude (moved.quantity, moved.network_quantity),
        moved.network_quantity as quantity,
        '*' as location_id
    from moved
),

traced as (
    select
        placed.sku,
        placed.location_id,
        cast(null as varchar) as channel_id,
        case when placed.term = 'available' then 'free' else placed.term end as term,
        placed.event_type,
        placed.event_id,
        placed.reference,
        placed.at_location_id,
        placed.detail,
        coalesce(placed.source_system, batches.source_system) as source_system,
        placed.batch_id,
        batches.file_name,
        placed.row_number,
        placed.quantity,
        -- what is due after the scarcest day weighs nothing on it
        placed.term not in ('supply', 'demand')
        or greatest(0, placed.due_on - today.today_on) <= days.lowest_day as is_counted,
        placed.due_on,
        placed.occurred_at
    from placed
    -- left: stock of a place that no projection names is still stock
    left join days
        on placed.sku = days.sku and placed.location_id = days.location_id
    left join days as today
        on
            placed.sku = today.sku
            and coalesce(placed.at_location_id, '*') = today.location_id
    -- left: a movement that nothing landed has no file
    left join batches on placed.batch_id = batches.batch_id
),

buffered as (
    select
        sku,
        location_id,
        channel_id,
        location_id as at_location_id,
        buffer_command_id,
        rule_id,
        buffer_quantity as quantity
    from availability
    where location_id != '*'
    union all
    select
        sku,
        '*' as location_id,
        channel_id,
        location_id as at_location_id,
        buffer_command_id,
        rule_id,
        least(buffer_quantity, greatest(free_quantity - overdrawn_quantity, 0)) as quantity
    from availability
    where location_id != '*'
),

fenced as (
    select
        availability.sku,
        availability.channel_id,
        others.channel_id as fencing_channel_id,
        rules.rule_id,
        rules.command_id,
        rules.ring_fence_quantity as quantity
    from availability
    inner join availability as others
        on
            availability.sku = others.sku
            and availability.location_id = others.location_id
            and availability.channel_id != others.channel_id
    inner join rules on others.rule_id = rules.rule_id
    where
        availability.location_id = '*'
        and rules.ring_fence_quantity > 0
        and rules.channel_id != '*'
),

decided as (
    select
        sku,
        location_id,
        cast(null as varchar) as channel_id,
        'safety_stock' as term,
        command_id,
        command_id as reference,
        at_location_id,
        safety_stock_quantity as quantity
    from safety_stocks
    union all
    select
        buffered.sku,
        buffered.location_id,
        buffered.channel_id,
        'buffer' as term,
        coalesce(buffered.buffer_command_id, rules.command_id) as command_id,
        coalesce(buffered.buffer_command_id, 'rule ' || buffered.rule_id) as reference,
        buffered.at_location_id,
        buffered.quantity
    from buffered
    -- left: a command of its own needs no rule
    left join rules on buffered.rule_id = rules.rule_id
    where buffered.quantity > 0
    union all
    select
        sku,
        '*' as location_id,
        channel_id,
        'buffer' as term,
        command_id,
        'rule ' || rule_id || ' fences off for ' || fencing_channel_id as reference,
        '*' as at_location_id,
        quantity
    from fenced
),

final as (
    select * from traced
    union all
    select
        decided.sku,
        decided.location_id,
        decided.channel_id,
        decided.term,
        commands.command_type as event_type,
        decided.command_id as event_id,
        decided.reference,
        decided.at_location_id,
        commands.actor || ': ' || commands.reason as detail,
        'truestock' as source_system,
        cast(null as varchar) as batch_id,
        'command log' as file_name,
        commands.sequence as row_number,
        -decided.quantity as quantity,
        true as is_counted,
        cast(null as date) as due_on,
        coalesce(commands.decided_at, commands.submitted_at) as occurred_at
    from decided
    inner join commands on decided.command_id = commands.command_id
)

select * from final
