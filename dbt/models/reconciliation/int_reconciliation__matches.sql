-- Which of the owner's events each told event is. Business keys first, in waves from the exact to
-- the loose; what has no reference (an adjustment) is matched by place, SKU, quantity and nearness
-- in time. A pair is made where each is the other's nearest; what a wave leaves goes to the next.
{%- set waves = [
    ('same', 1.0, ['match_key', 'sku', 'quantity'], true, none),
    ('again', 1.0, ['match_key', 'sku', 'quantity'], true, none),
    ('renamed', 0.8, ['match_key', 'quantity'], true, 'unknown'),
    ('elsewhere', 0.9, ['match_key', 'sku', 'quantity'], false, 'referenced'),
    ('otherwise', 0.9, ['match_key', 'sku'], true, 'referenced'),
    ('other_sku', 0.8, ['match_key', 'quantity'], true, 'referenced'),
] %}
with

told as (
    select * from {{ ref('int_reconciliation__events_told') }}
),

true_events as (
    select * from {{ ref('int_reconciliation__events_true') }}
),

-- the exact: same key, SKU, place, quantity and instant; the nth of one with the nth of the other
numbered_told as (
    select
        *,
        row_number() over (
            partition by system, match_key, sku, location_id, quantity, occurred_at
            order by recorded_at, told_id
        ) as number
    from told
),

numbered_true as (
    select
        *,
        row_number() over (
            partition by system, match_key, sku, location_id, quantity, occurred_at
            order by event_id
        ) as number
    from true_events
),

exact as (
    select
        numbered_told.system,
        numbered_told.told_id,
        numbered_true.event_id,
        'exact' as wave,
        cast(1 as decimal(9, 4)) as confidence
    from numbered_told
    inner join numbered_true
        on
            numbered_told.system = numbered_true.system
            and numbered_told.match_key = numbered_true.match_key
            and numbered_told.sku = numbered_true.sku
            and numbered_told.location_id is not distinct from numbered_true.location_id
            and numbered_told.quantity = numbered_true.quantity
            and numbered_told.occurred_at = numbered_true.occurred_at
            and numbered_told.number = numbered_true.number
),

told_0 as (
    select told.*
    from told
    anti join exact on told.system = exact.system and told.told_id = exact.told_id
),

true_0 as (
    select true_events.*
    from true_events
    anti join exact
        on true_events.system = exact.system and true_events.event_id = exact.event_id
),

{% for wave, confidence, columns, is_same_place, limit in waves -%}
{%- set n = loop.index0 -%}
{{ wave }} as (
    select
        telling.system,
        telling.told_id,
        truth.event_id,
        '{{ wave }}' as wave,
        cast(
            case when telling.has_reference then {{ confidence }} else 0.8 end as decimal(9, 4)
        ) as confidence
    from told_{{ n }} as telling
    inner join true_{{ n }} as truth
        on
            telling.system = truth.system
            {%- for column in columns %}
            and telling.{{ column }} = truth.{{ column }}
            {%- endfor %}
            {%- if is_same_place %}
            and telling.location_id is not distinct from truth.location_id
            {%- endif %}
    {% if limit == 'unknown' -%}
    where
        not telling.is_known_sku
        and telling.occurred_at
        between truth.occurred_at - interval 36 hour
        and truth.occurred_at + interval 36 hour
    {% elif limit == 'referenced' -%}
    where telling.has_reference
    {% else -%}
    where
        telling.has_reference
        or telling.occurred_at
        between truth.occurred_at - interval 36 hour
        and truth.occurred_at + interval 36 hour
    {% endif -%}
    qualify
        row_number() over (
            partition by telling.system, telling.told_id
            order by
                abs({{ seconds_between('truth.occurred_at', 'telling.occurred_at') }}),
                truth.event_id
        ) = 1
        and row_number() over (
            partition by truth.system, truth.event_id
            order by
                abs({{ seconds_between('truth.occurred_at', 'telling.occurred_at') }}),
                telling.told_id
        ) = 1
),

told_{{ n + 1 }} as (
    select told_{{ n }}.*
    from told_{{ n }}
    anti join {{ wave }}
        on told_{{ n }}.system = {{ wave }}.system and told_{{ n }}.told_id = {{ wave }}.told_id
),

true_{{ n + 1 }} as (
    select true_{{ n }}.*
    from true_{{ n }}
    anti join {{ wave }}
        on true_{{ n }}.system = {{ wave }}.system and true_{{ n }}.event_id = {{ wave }}.event_id
),

{% endfor -%}
final as (
    select * from exact
    {% for wave, confidence, columns, is_same_place, limit in waves -%}
    union all
    select * from {{ wave }}
    {% endfor %}
)

select * from final
