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
        unknown_location_id,
        quarantine_rule,
        ingested_at
    from {{ ref('base_landing__' ~ feed) }}
    where quarantine_rule is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

batches as (
    select * from {{ source('raw', 'batches') }}
),

refused_records as (
    select * from {{ source('raw', 'quarantine') }}
    where row_number is not null
),

refused_files as (
    select * from {{ source('raw', 'quarantine') }}
    where row_number is null
),

-- a file read again keeps the rows it gave before; they wait in its newest reading, unless that
-- refuses their record, or the whole file, itself
waiting as (
    select
        judged.* exclude (batch_id),
        coalesce(batches.superseded_by, batches.batch_id) as batch_id,
        batches.superseded_by is not null as is_from_earlier_reading
    from judged
    inner join batches on judged.batch_id = batches.batch_id
    -- not left joins tested for null: over two of them DuckDB 2.0.0 loses rows
    where
        not exists (
            select 1 from refused_records
            where
                refused_records.batch_id = batches.superseded_by
                and refused_records.row_number = judged.row_number
        )
        and not exists (
            select 1 from refused_files
            where refused_files.batch_id = batches.superseded_by
        )
),

-- location codes keep their case, so a name in another case is another location
spelled as (
    select
        lower(location_id) as folded_id,
        min(location_id) as location_id
    from {{ ref('stg_landing__locations') }}
    group by all
),

final as (
    select
        batch_id,
        is_from_earlier_reading,
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
                    'No location ' || unknown_location_id || ' is known. '
                    || coalesce(
                        'There is a ' || spelled.location_id || ': upper and lower case differ. '
                        || 'Write it so at the source, or add',
                        'Add'
                    )
                    || ' it to the locations feed; the row then loads by itself.'
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
                    'Its quantity is more than a billion eaches of ' || sku
                    || '. Correct the quantity or the conversion at the source.'
            when 'redelivered_with_changes'
                then
                    'The event ' || source_event_key || ' came again with other content. '
                    || 'Events never change: send another event that corrects it. If one document '
                    || 'has several lines, source_event_key must name the line too.'
        end as reason,
        ingested_at
    from waiting
    -- left: few locations differ from a known one by their case alone
    left join spelled on lower(waiting.unknown_location_id) = spelled.folded_id
)

select * from final
