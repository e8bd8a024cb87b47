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

purchases as (
    select * from {{ ref('int_availability__purchases_expected') }}
),

transfers as (
    select * from {{ ref('int_availability__transfers_expected') }}
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

ordered as (
    select
        purchases.*,
        coalesce(statuses.confidence, 1) as status_confidence
    from purchases
    -- left: a word nobody listed counts in full
    left join statuses on lower(purchases.status) = statuses.status
),

-- announced without an order: on its way, and nobody has said for when
unordered as (
    select
        movements.sku,
        movements.to_location_id as location_id,
        movements.po_id,
        movements.po_line_id,
        cast(
            sum(
                case
                    when movements.to_state = 'in_transit' then movements.quantity
                    else -movements.quantity
                end
            ) as bigint
        ) as quantity,
        {{ latest_by('movements.movement_id', 'movements.occurred_at') }}
        filter (where movements.to_state = 'in_transit') as movement_id
    from movements
    -- left: those with an order are told with it
    left join purchase_orders
        on
            movements.po_id = purchase_orders.po_id
            and movements.po_line_id = purchase_orders.po_line_id
    where
        purchase_orders.po_id is null
        and movements.transfer_id is null
        and 'in_transit' in (movements.from_state, movements.to_state)
    group by movements.sku, movements.to_location_id, movements.po_id, movements.po_line_id
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
        due_at
    from ordered
    where {{ quantity }} > 0 and {{ confidence }} > 0
    union all
    {% endfor -%}
    select
        'in_transit' as supply_kind,
        sku,
        location_id,
        po_id,
        po_line_id,
        cast(null as varchar) as supplier_id,
        cast(null as varchar) as transfer_id,
        quantity,
        1 as status_confidence,
        cast(null as varchar) as batch_id,
        cast(null as bigint) as row_number,
        movement_id,
        cast(null as timestamp) as due_at
    from unordered
    where quantity > 0
    union all
    select
        'transfer' as supply_kind,
        sku,
        location_id,
        cast(null as varchar) as po_id,
        cast(null as varchar) as po_line_id,
        cast(null as varchar) as supplier_id,
        transfer_id,
        quantity,
        1 as status_confidence,
        cast(null as varchar) as batch_id,
        cast(null as bigint) as row_number,
        movement_id,
        due_at
    from transfers
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
        coalesce(due_on < today_on, false) as is_late,
        cast(greatest(0, coalesce(today_on - due_on, 0)) as bigint) as days_late,
        due_on
    from dated
)

select * from final
