with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
),

{% set flows = ['outbound', 'inbound', 'returned', 'transferred', 'adjusted'] -%}
{% for flow in flows -%}
{{ flow }} as (
    select * from {{ ref('int_ledger__movements_' ~ flow) }}
),

{% endfor -%}

moved as (
    {% for flow in flows -%}
    select * from {{ flow }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        md5(owned.event_id || '|' || moved.part) as movement_id,
        moved.movement_type,
        owned.event_id,
        owned.sku,
        moved.lot_id,
        moved.from_location_id,
        moved.from_state,
        moved.to_location_id,
        moved.to_state,
        moved.quantity,
        owned.source_system,
        owned.source_event_key,
        owned.order_id,
        owned.order_line_id,
        owned.po_id,
        owned.po_line_id,
        owned.return_id,
        owned.transfer_id,
        owned.command_id,
        owned.bin_id,
        owned.worker_id,
        owned.actor,
        owned.reason,
        owned.batch_id,
        owned.row_number,
        owned.occurred_at,
        owned.recorded_at,
        owned.ingested_at
    from moved
    inner join owned on moved.event_id = owned.event_id
)

select * from final
