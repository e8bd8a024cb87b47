-- What served a kit's line so far, at every instant at which anything did. Components that have not
-- moved yet are there with zero: a kit is served by the scarcest.
{%- set held = ['reserved', 'picked', 'packed'] %}
with

booked as (
    select * from {{ ref('int_ledger__movements_booked') }}
    where order_id is not null and return_id is null
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
),

-- a kit's line may also be served from kits put together before
servers as (
    select
        order_id,
        line_id,
        component_sku as sku,
        component_quantity as per_kit_quantity,
        false as is_whole_kit
    from kit_lines
    union all
    select distinct
        order_id,
        line_id,
        kit_sku as sku,
        1 as per_kit_quantity,
        true as is_whole_kit
    from kit_lines
),

changes as (
    select
        servers.order_id,
        servers.line_id,
        servers.sku,
        booked.occurred_at,
        min(booked.from_location_id) as location_id,
        {% for state in held -%}
        sum(case when booked.to_state = '{{ state }}' then booked.quantity else 0 end)
        - sum(case when booked.from_state = '{{ state }}' then booked.quantity else 0 end)
            as {{ state }}_quantity,
        {% endfor -%}
        sum(
            case
                when booked.movement_type = 'shipped' and booked.to_state = 'customer'
                    then booked.quantity
                else 0
            end
        ) as shipped_quantity
    from booked
    inner join servers
        on
            booked.order_id = servers.order_id
            and booked.order_line_id = servers.line_id
            and booked.sku = servers.sku
    group by servers.order_id, servers.line_id, servers.sku, booked.occurred_at
),

instants as (
    select
        order_id,
        line_id,
        occurred_at,
        min(location_id) as location_id
    from changes
    group by order_id, line_id, occurred_at
),

final as (
    select
        instants.order_id,
        instants.line_id,
        servers.sku,
        servers.is_whole_kit,
        instants.location_id,
        servers.per_kit_quantity,
        {% for measure in held + ['shipped'] -%}
        cast(
            coalesce(sum(changes.{{ measure }}_quantity) over so_far, 0) as bigint
        ) as {{ measure }}_quantity,
        {% endfor -%}
        instants.occurred_at
    from instants
    inner join servers
        on
            instants.order_id = servers.order_id
            and instants.line_id = servers.line_id
    -- left: not everything of a kit moves at once
    left join changes
        on
            instants.order_id = changes.order_id
            and instants.line_id = changes.line_id
            and instants.occurred_at = changes.occurred_at
            and servers.sku = changes.sku
    window so_far as (
        partition by instants.order_id, instants.line_id, servers.sku
        order by instants.occurred_at
        rows between unbounded preceding and current row
    )
)

select * from final
