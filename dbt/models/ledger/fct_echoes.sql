-- Whose telling follows the owner's: the nth of a system with the owner's nth of the same business
-- reference, SKU and quantity; without a reference, of the same instant.
{%- set references = [
    'order_id', 'order_line_id', 'po_id', 'po_line_id', 'return_id', 'transfer_id', 'sku',
] %}
with

echoes as (
    select * from {{ ref('int_ledger__echoes') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where not is_told_twice
),

{% for side, events in [('told', 'echoes'), ('true_events', 'owned')] -%}
{{ side }} as (
    select
        *,
        concat_ws(
            '|',
            event_name,
            {% for reference in references -%}
            coalesce({{ reference }}, ''),
            {% endfor -%}
            quantity,
            case
                when coalesce(order_id, po_id, return_id, transfer_id) is null
                    then concat_ws('|', location_id, occurred_at)
            end
        ) as told_of
    from {{ events }}
),

{% endfor -%}

numbered_told as (
    select
        *,
        row_number() over (
            partition by source_system, told_of order by occurred_at, recorded_at, event_id
        ) as number
    from told
),

numbered_true as (
    select
        *,
        row_number() over (partition by told_of order by occurred_at, event_id) as number
    from true_events
),

final as (
    select
        numbered_told.event_id as echo_id,
        numbered_true.event_id,
        numbered_told.event_name,
        numbered_told.source_system,
        numbered_told.source_event_key,
        numbered_told.occurred_at,
        numbered_told.recorded_at
    from numbered_told
    inner join numbered_true
        on
            numbered_told.told_of = numbered_true.told_of
            and numbered_told.number = numbered_true.number
            and numbered_told.source_system != numbered_true.source_system
)

select * from final
