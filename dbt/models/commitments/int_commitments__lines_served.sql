-- Units reserved for a line, given back, and shipped to the customer. A kit's line is served in
-- kits, by the scarcest of what moved for it so far: one row per step of that.
with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

booked as (
    select * from {{ ref('int_ledger__movements_booked') }}
    where order_id is not null and return_id is null
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
),

progressed as (
    select * from {{ ref('int_commitments__kits_progressed') }}
    where not is_whole_kit
),

served as (
    select booked.*
    from booked
    semi join order_lines
        on
            booked.order_id = order_lines.order_id
            and booked.order_line_id = order_lines.line_id
    anti join kit_lines
        on
            booked.order_id = kit_lines.order_id
            and booked.order_line_id = kit_lines.line_id
            and booked.sku != kit_lines.kit_sku
),

-- a reservation holds units for the line; a shipment that leaves straight from it uses it too
moved as (
    {% for type, reason, sign in [
        ('shipped', "movement_type = 'shipped' and to_state = 'customer'", '1'),
        ('reserved', "to_state = 'reserved'", '1'),
        ('reserved', "from_state = 'reserved'", '-1'),
    ] -%}
    select
        movement_id as change_id,
        order_id,
        order_line_id as line_id,
        from_location_id as location_id,
        '{{ type }}' as commitment_type,
        {{ sign }} * quantity as quantity,
        occurred_at
    from served
    where {{ reason }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

kitted as (
    select
        order_id,
        line_id,
        location_id,
        min(greatest(0, reserved_quantity) // per_kit_quantity) as reserved_quantity,
        min(shipped_quantity // per_kit_quantity) as shipped_quantity,
        occurred_at
    from progressed
    group by order_id, line_id, location_id, occurred_at
),

{% for type in ['reserved', 'shipped'] -%}
kits_{{ type }} as (
    select
        concat_ws('|', order_id, line_id, occurred_at) as change_id,
        order_id,
        line_id,
        location_id,
        '{{ type }}' as commitment_type,
        {{ type }}_quantity
        - coalesce(
            lag({{ type }}_quantity) over (partition by order_id, line_id order by occurred_at), 0
        ) as quantity,
        occurred_at
    from kitted
),

{% endfor -%}

final as (
    select * from moved
    union all
    select * from kits_reserved
    where quantity != 0
    union all
    select * from kits_shipped
    where quantity != 0
)

select * from final
