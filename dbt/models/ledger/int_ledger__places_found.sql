-- An event that names no location happened where the nearest event of the same reference did, of
-- the same type if there is one: otherwise an echo would be booked again at a place of its own.
{%- set feeds = {
    'fulfilment_events': ('line_id', ['order_id', 'line_id']),
    'receipts': ('po_line_id', ['po_id', 'po_line_id']),
    'returns': ('order_line_id', ['return_id']),
} %}
with

{% for feed, (line, reference) in feeds.items() -%}
{{ feed }} as (
    select * from {{ ref('stg_landing__' ~ feed) }}
),

{{ feed }}_placed as (
    select
        '{{ feed }}' as feed,
        unplaced.source_system,
        unplaced.source_event_key,
        unplaced.event_type,
        unplaced.{{ line }} as reference_line_id,
        min_by(
            placed.location_id,
            row(
                placed.event_type != unplaced.event_type,
                abs({{ seconds_between('unplaced.occurred_at', 'placed.occurred_at') }}),
                placed.location_id
            )
        ) as location_id
    from {{ feed }} as unplaced
    inner join {{ feed }} as placed
        on
        {%- for column in reference %}
            {{ 'and ' if not loop.first }}unplaced.{{ column }} = placed.{{ column }}
        {%- endfor %}
    where unplaced.location_id is null and placed.location_id is not null
    group by
        unplaced.source_system, unplaced.source_event_key, unplaced.event_type, unplaced.{{ line }}
),

{% endfor -%}

final as (
    {% for feed in feeds -%}
    select * from {{ feed }}_placed
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
