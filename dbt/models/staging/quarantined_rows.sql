{%- set feeds = [
    'order_lines', 'fulfilment_events', 'purchase_orders', 'receipts', 'transfers', 'returns',
    'counts', 'adjustments', 'postings', 'commands',
] -%}
with

judged as (
    {% for feed in feeds -%}
    select
        batch_id,
        row_number,
        source_system,
        source_event_key,
        '{{ feed }}' as feed,
        sku,
        quarantine_rule,
        ingested_at
    from {{ ref('base_landing__' ~ feed) }}
    where quarantine_rule is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        batch_id,
        row_number,
        source_system,
        feed,
        source_event_key,
        sku,
        quarantine_rule,
        case quarantine_rule
            when 'unknown_sku'
                then
                    'No product ' || sku || ' is known. Add it to the products feed; '
                    || 'the row then loads by itself.'
            when 'unknown_location'
                then
                    'Its location is not in the locations feed. Add it there; '
                    || 'the row then loads by itself.'
            when 'unknown_unit'
                then
                    'Its unit of measure has no conversion for ' || sku
                    || '. Add it to unit_conversions; the row then loads by itself.'
            when 'fractional_conversion'
                then
                    'Its quantity is not a whole number of eaches of ' || sku
                    || '. Correct the quantity or the conversion at the source.'
            when 'out_of_range'
                then
                    'Its quantity is more than a trillion eaches of ' || sku
                    || '. Correct the quantity or the conversion at the source.'
            when 'redelivered_with_changes'
                then
                    'The event ' || source_event_key || ' came again with other content. '
                    || 'Events never change: send another event that corrects it.'
        end as reason,
        ingested_at
    from judged
)

select * from final
