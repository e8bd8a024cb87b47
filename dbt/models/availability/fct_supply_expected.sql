-- Units that are on their way to a shelf, each with the share of them that is promised on.
with

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

balances as (
    select * from {{ ref('fct_stock_balances') }}
),

purchase_orders as (
    select * from {{ ref('stg_landing__purchase_orders') }}
),

statuses as (
    select * from {{ ref('purchase_order_statuses') }}
),

confidences as (
    select * from {{ ref('supply_confidences') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

clock as (
    select * from {{ ref('clock') }}
),

inbound as (
    select
        po_id,
        po_line_id,
        cast(
            sum(case when to_state = 'in_transit' then quantity else 0 end)
            - sum(case when from_state = 'in_transit' then quantity else 0 end) as bigint
        ) as in_transit_quantity,
        cast(
            sum(case when movement_type = 'received' then quantity else 0 end)
            - sum(case when movement_type = 'rejected' then quantity else 0 end) as bigint
        ) as kept_quantity
    from movements
    where po_id is not null
    group by po_id, po_line_id
),

ordered as (
    select
        purchase_orders.*,
        greatest(0, coalesce(inbound.in_transit_quantity, 0)) as in_transit_quantity,
        greatest(
            0,
            purchase_orders.ordered_quantity
            - coalesce(inbound.kept_quantity, 0)
            - greatest(0, coalesce(inbound.in_transit_quantity, 0))
        ) as unannounced_quantity,
        coalesce(statuses.confidence, 1) as status_confidence
    from purchase_orders
    -- left: nothing may have moved yet, and a word nobody listed counts in full
    left join inbound
        on
            purchase_orders.po_id = inbound.po_id
            and purchase_orders.po_line_id = inbound.po_line_id
    left join statuses on lower(purchase_orders.status) = statuses.status
),

transferred as (
    select
        transfer_id,
        sku,
        to_location_id,
        cast(
            sum(case when to_state = 'in_transit' then quantity else 0 end)
            - sum(case when from_state = 'in_transit' then quantity else 0 end) as bigint
        ) as quantity,
        min(case when movement_type = 'transfer_out' then from_location_id end) as from_location_id,
        min(case when movement_type = 'transfer_out' then occurred_at end) as shipped_at,
        max(case when movement_type = 'transfer_in' then occurred_at end) as received_at,
        {{ latest_by('movement_id', 'occurred_at') }}
        filter (where movement_type = 'transfer_out') as movement_id
    from movements
    where transfer_id is not null
    group by transfer_id, sku, to_location_id
),

-- how long the lane has taken; where it has no history, a week
lanes as (
    select
        from_location_id,
        to_location_id,
        quantile_cont(
            {{ seconds_between('shipped_at', 'received_at') }} / 86400, 0.9
        ) as p90_days
    from transferred
    where quantity = 0 and received_at is not null
    group by from_location_id, to_location_id
),

-- what came last to a dock stands for what lies there
docked as (
    select
        sku,
        to_location_id as location_id,
        {{ latest_by('movement_id', 'occurred_at') }} as movement_id
    from movements
    where to_state = 'receiving'
    group by sku, to_location_id
),

gathered as (
    {% for kind, quantity, confidence in [
        ('in_transit', 'in_transit_quantity', '1'),
        ('purchase_order', 'unannounced_quantity', 'status_confidence'),
    ] -%}
    select
        '{{ kind }}' as supply_kind,
        sku,
        coalesce(location_id, 'unknown') as location_id,
        po_id,
        po_line_id,
        supplier_id,
        cast(null as varchar) as transfer_id,
        {{ quantity }} as quantity,
        {{ confidence }} as status_confidence,
        batch_id,
        row_number,
        cast(null as varchar) as movement_id,
        coalesce(due_at, ordered_at) as due_at
    from ordered
    where {{ quantity }} > 0 and {{ confidence }} > 0
    union all
    {% endfor -%}
    select
        'transfer' as supply_kind,
        transferred.sku,
        transferred.to_location_id as location_id,
        cast(null as varchar) as po_id,
        cast(null as varchar) as po_line_id,
        cast(null as varchar) as supplier_id,
        transferred.transfer_id,
        transferred.quantity,
        1 as status_confidence,
        cast(null as varchar) as batch_id,
        cast(null as bigint) as row_number,
        transferred.movement_id,
        transferred.shipped_at
        + to_seconds(86400 * coalesce(lanes.p90_days, 7)) as due_at
    from transferred
    -- left: the lane may be new
    left join lanes
        on
            transferred.from_location_id = lanes.from_location_id
            and transferred.to_location_id = lanes.to_location_id
    where transferred.quantity > 0
    union all
    select
        'receiving' as supply_kind,
        balances.sku,
        balances.location_id,
        cast(null as varchar) as po_id,
        cast(null as varchar) as po_line_id,
        cast(null as varchar) as supplier_id,
        cast(null as varchar) as transfer_id,
        cast(sum(balances.quantity) as bigint) as quantity,
        1 as status_confidence,
        cast(null as varchar) as batch_id,
        cast(null as bigint) as row_number,
        any_value(docked.movement_id) as movement_id,
        any_value(clock.as_of_at) as due_at
    from balances
    inner join docked
        on balances.sku = docked.sku and balances.location_id = docked.location_id
    cross join clock
    where balances.state = 'receiving'
    group by balances.sku, balances.location_id
    having sum(balances.quantity) > 0
),

dated as (
    select
        gathered.* exclude (batch_id, row_number, movement_id),
        coalesce(gathered.batch_id, movements.batch_id) as batch_id,
        coalesce(gathered.row_number, movements.row_number) as row_number,
        confidences.confidence * gathered.status_confidence as confidence,
        {{ local_date('gathered.due_at', "coalesce(locations.time_zone, 'UTC')") }} as due_on,
        {{ local_date('clock.as_of_at', "coalesce(locations.time_zone, 'UTC')") }} as today_on
    from gathered
    inner join confidences on gathered.supply_kind = confidences.supply_kind
    cross join clock
    -- left: an order stands for itself, until its units move; the location may be unknown
    left join movements on gathered.movement_id = movements.movement_id
    left join locations on gathered.location_id = locations.location_id
),

final as (
    select
        supply_kind,
        sku,
        location_id,
        po_id,
        po_line_id,
        supplier_id,
        transfer_id,
        quantity,
        cast(floor(quantity * confidence) as bigint) as confirmed_quantity,
        cast(confidence as decimal(9, 4)) as confidence,
        batch_id,
        row_number,
        due_on < today_on as is_late,
        cast(greatest(0, today_on - due_on) as bigint) as days_late,
        due_on
    from dated
)

select * from final
