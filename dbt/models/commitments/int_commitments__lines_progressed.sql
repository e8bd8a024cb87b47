{%- set held = ['reserved', 'picked', 'packed'] -%}
{%- set measures = held + ['shipped', 'first_shipment', 'overshipped'] -%}
with

booked as (
    select * from {{ ref('int_ledger__movements_booked') }}
    where order_id is not null and return_id is null
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
),

told as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
    where event_type = 'shipped'
),

locations as (
    select * from {{ ref('dim_locations') }}
),

-- a shipment is a parcel; where nobody tells the parcel, what leaves one place on one day
parcelled as (
    select
        booked.*,
        case
            when booked.movement_type = 'shipped'
                then
                    coalesce(
                        'parcel ' || told.tracking_number,
                        concat_ws(
                            ' ',
                            'day',
                            {{ local_date(
                                'booked.occurred_at', "coalesce(locations.time_zone, 'UTC')"
                            ) }},
                            booked.from_location_id
                        )
                    )
        end as parcel_id
    from booked
    -- left: most movements are no shipment; the location 'unknown' has no row
    left join told
        on
            booked.movement_type = 'shipped'
            and booked.source_system = told.source_system
            and booked.source_event_key = told.source_event_key
            and booked.order_line_id is not distinct from told.line_id
    left join locations on booked.from_location_id = locations.location_id
),

shipped_first as (
    select
        order_id,
        order_line_id,
        parcel_id
    from parcelled
    where movement_type = 'shipped'
    qualify
        row_number() over (
            partition by order_id, order_line_id order by occurred_at, parcel_id
        ) = 1
),

-- per SKU: the components of a kit are counted apart
per_sku as (
    select
        parcelled.order_id,
        parcelled.order_line_id,
        parcelled.sku,
        {% for state in held -%}
        sum(case when parcelled.to_state = '{{ state }}' then parcelled.quantity else 0 end)
        - sum(case when parcelled.from_state = '{{ state }}' then parcelled.quantity else 0 end)
            as {{ state }}_quantity,
        {% endfor -%}
        {% for measure, reason in [
            ('shipped', "parcelled.to_state = 'customer'"),
            (
                'first_shipment',
                "parcelled.to_state = 'customer' and parcelled.parcel_id = shipped_first.parcel_id",
            ),
            ('overshipped', "parcelled.to_state = 'suspense'"),
        ] -%}
    sum(
        case
            when parcelled.movement_type = 'shipped' and {{ reason }} then parcelled.quantity
            else 0
        end
    ) as {{ measure }}_quantity{{ ',' if not loop.last }}
    {% endfor %}
    from parcelled
    -- left: a line may not have shipped yet
    left join shipped_first
        on
            parcelled.order_id = shipped_first.order_id
            and parcelled.order_line_id = shipped_first.order_line_id
    group by parcelled.order_id, parcelled.order_line_id, parcelled.sku
),

-- as many kits as the scarcest component makes; a component that has not moved makes none
kitted as (
    select
        kit_lines.order_id,
        kit_lines.line_id as order_line_id,
    {% for measure in measures -%}
    cast(
        {{ 'max' if measure == 'overshipped' else 'min' }}(
            coalesce(per_sku.{{ measure }}_quantity, 0) // kit_lines.component_quantity
        ) as bigint
    ) as {{ measure }}_quantity{{ ',' if not loop.last }}
    {% endfor %}
    from kit_lines
    -- left: a component may not have moved yet
    left join per_sku
        on
            kit_lines.order_id = per_sku.order_id
            and kit_lines.line_id = per_sku.order_line_id
            and kit_lines.component_sku = per_sku.sku
    group by kit_lines.order_id, kit_lines.line_id
),

whole as (
    select
        per_sku.order_id,
        per_sku.order_line_id,
    {% for measure in measures -%}
    cast(sum(per_sku.{{ measure }}_quantity) as bigint)
        as {{ measure }}_quantity{{ ',' if not loop.last }}
    {% endfor %}
    from per_sku
    anti join kit_lines
        on
            per_sku.order_id = kit_lines.order_id
            and per_sku.order_line_id = kit_lines.line_id
            and per_sku.sku != kit_lines.kit_sku
    group by per_sku.order_id, per_sku.order_line_id
),

-- a kit's line may also be served from kits put together before
counted as (
    select
        order_id,
        order_line_id,
    {% for measure in measures -%}
    cast(sum({{ measure }}_quantity) as bigint)
        as {{ measure }}_quantity{{ ',' if not loop.last }}
    {% endfor %}
    from (
        select * from kitted
        union all
        select * from whole
    ) as gathered
    group by order_id, order_line_id
),

described as (
    select
        order_id,
        order_line_id,
        {{ latest_by('from_location_id', 'occurred_at') }} as location_id,
        count(distinct from_location_id) filter (where movement_type = 'shipped')
            as shipping_location_count,
        min(occurred_at) filter (where movement_type = 'picked') as first_picked_at,
        min(occurred_at) filter (where movement_type = 'shipped') as first_shipped_at,
        max(occurred_at) filter (where movement_type = 'shipped') as last_shipped_at
    from booked
    group by order_id, order_line_id
),

final as (
    select
        described.order_id,
        described.order_line_id,
        {% for measure in measures -%}
        counted.{{ measure }}_quantity,
        {% endfor -%}
        described.location_id,
        described.shipping_location_count,
        described.first_picked_at,
        described.first_shipped_at,
        described.last_shipped_at
    from described
    inner join counted
        on
            described.order_id = counted.order_id
            and described.order_line_id = counted.order_line_id
)

select * from final
