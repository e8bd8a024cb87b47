-- What systems tell of under codes nobody knows: refused by the ledger, and evidence all the same,
-- for the document they name says which SKU is meant.
{%- set feeds = {
    'fulfilment_events': ("event_type", 'location_id', 'order_id', 'line_id', 'lot_id'),
    'receipts': ("event_type", 'location_id', 'po_id', 'po_line_id', 'lot_id'),
    'transfers': (
        "event_type",
        "case event_type when 'received' then to_location_id else from_location_id end",
        'transfer_id', 'null', 'lot_id',
    ),
    'returns': ("event_type", 'location_id', 'return_id', 'order_line_id', 'lot_id'),
    'adjustments': ("'adjusted'", 'location_id', 'null', 'null', 'lot_id'),
    'postings': ('reference_type', 'null', 'reference_id', 'null', 'null'),
} %}
with

{% for feed, (event_type, place, reference, line, lot) in feeds.items() -%}
{{ feed }} as (
    select
        source_system as system,
        '{{ feed }}.' || {{ event_type }} as event_class,
        cast({{ reference }} as varchar) as reference_id,
        cast({{ line }} as varchar) as reference_line_id,
        sku,
        cast({{ place }} as varchar) as location_id,
        cast({{ lot }} as varchar) as lot_id,
        stated_quantity as quantity,
        source_event_key,
        {{ 'posted_at' if feed == 'postings' else 'occurred_at' }} as occurred_at,
        recorded_at
    from {{ ref('base_landing__' ~ feed) }}
    where quarantine_rule = 'unknown_sku' and stated_quantity != 0
),

{% endfor -%}

gathered as (
    {% for feed in feeds -%}
    select * from {{ feed }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        *,
        md5(concat_ws(
            '|', 'renamed', event_class, system, source_event_key, 'line ' || reference_line_id
        )) as told_id
    from gathered
)

select * from final
