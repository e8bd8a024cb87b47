{{ config(post_hook=create_time_travel()) }}

-- depends_on: {{ ref('fct_echoes') }}

with

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

final as (
    {% for side, sign in [('from', -1), ('to', 1)] -%}
    select
        movement_id,
        {{ side }}_location_id as location_id,
        sku,
        lot_id,
        {{ side }}_state as state,
        movement_type,
        source_system,
        source_event_key,
        order_id,
        po_id,
        return_id,
        actor,
        reason,
        {{ sign }} * quantity as quantity,
        occurred_at,
        recorded_at,
        ingested_at
    from movements
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
