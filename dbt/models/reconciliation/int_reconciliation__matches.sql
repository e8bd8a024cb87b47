-- Which of the owner's events each told event is. Business keys first, in waves from the exact to
-- the loose; what has no reference (an adjustment) is matched by place, SKU, quantity and nearness
-- in time. A pair is made where each is the other's nearest, in the end in turn; several of one
-- document are told of as one sum, or one as several; what a wave leaves goes to the next.
{%- set waves = [
    ('same', 1.0, ['match_key', 'sku', 'quantity'], true, none),
    ('in_turn', 1.0, ['match_key', 'sku', 'quantity', 'spell', 'number'], true, none),
    ('summed', 0.95, ['match_key', 'sku'], true, 'sums'),
    ('renamed', 0.8, ['match_key', 'quantity'], true, 'unknown'),
    ('elsewhere', 0.9, ['match_key', 'sku', 'quantity'], false, 'referenced'),
    ('otherwise', 0.9, ['match_key', 'sku'], true, 'referenced'),
    ('other_sku', 0.8, ['match_key', 'quantity'], true, 'referenced'),
    ('again', 0.8, ['match_key', 'sku', 'quantity'], true, none),
] %}
{#- the nth of one spell with the nth: a window without one that looks the same ends it -#}
{%- set sides = [('told', 'told_id'), ('true', 'event_id')] -%}
{%- set alike = 'system, match_key, sku, location_id, quantity' -%}
{#- without a reference, what happened before it was told of is the likelier event -#}
{%- set foretold -%}
not telling.has_reference and telling.occurred_at < truth.occurred_at - interval 1 hour
{%- endset %}
{%- set after -%}
{{ seconds_between('truth.occurred_at', 'telling.occurred_at') }}
{%- endset %}
{%- set in_window = after ~ ' between -telling.before_seconds and telling.after_seconds' %}
with

windows as (
    select * from {{ ref('int_reconciliation__windows') }}
),

told as (
    select
        told.*,
        windows.before_seconds,
        windows.after_seconds
    from {{ ref('int_reconciliation__events_told') }} as told
    inner join windows on told.system = windows.system
),

true_events as (
    select
        true_events.*,
        windows.after_seconds
    from {{ ref('int_reconciliation__events_true') }} as true_events
    inner join windows on true_events.system = windows.system
    where true_events.is_class_told
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
        -- the very instant and quantity, and yet no document that says so
        cast(case when numbered_told.has_reference then 1 else 0.95 end as decimal(9, 4))
            as confidence
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

exactly_told as (
    select told.*
    from told
    semi join exact on told.system = exact.system and told.told_id = exact.told_id
),

-- told again of the very instant that is matched already: a repetition, unless in the end another
-- event of the document is left that nothing else is told of
repeating as (
    select told.*
    from told
    semi join exactly_told
        on
            told.system = exactly_told.system
            and told.match_key = exactly_told.match_key
            and told.sku = exactly_told.sku
            and told.location_id is not distinct from exactly_told.location_id
            and told.quantity = exactly_told.quantity
            and told.occurred_at = exactly_told.occurred_at
    anti join exact on told.system = exact.system and told.told_id = exact.told_id
    where told.has_reference
),

told_0 as (
    select told.*
    from told
    anti join exact on told.system = exact.system and told.told_id = exact.told_id
    anti join repeating
        on told.system = repeating.system and told.told_id = repeating.told_id
),

true_0 as (
    select true_events.*
    from true_events
    anti join exact
        on true_events.system = exact.system and true_events.event_id = exact.event_id
),

-- which SKU a code nobody knows stands for, as most documents that name it say
documented as (
    select
        told.system,
        told.sku as told_sku,
        true_events.sku,
        count(*) as document_count
    from told
    inner join true_events
        on
            told.system = true_events.system
            and told.match_key = true_events.match_key
            and told.quantity = true_events.quantity
            and told.location_id is not distinct from true_events.location_id
    where not told.is_known_sku and told.has_reference
    group by told.system, told.sku, true_events.sku
),

meant as (
    select
        system,
        told_sku,
        max_by(sku, row(document_count, sku)) as sku
    from documented
    group by system, told_sku
),

{% for wave, confidence, columns, is_same_place, limit in waves -%}
{%- set n = loop.index0 -%}
{% if 'spell' in columns -%}
begun as (
    select
        *,
        not has_reference
        and coalesce(
            {{ seconds_between(
                'lag(occurred_at) over (partition by ' ~ alike ~ ' order by occurred_at)',
                'occurred_at',
            ) }} > after_seconds,
            false
        ) as is_new
    from (
        {% for side, id in sides -%}
        select
            '{{ side }}' as side,
            {{ id }} as id,
            has_reference,
            occurred_at,
            after_seconds,
            {{ alike }}
        from {{ side }}_{{ n }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    )
),

spelled as (
    select
        *,
        sum(cast(is_new as integer)) over (
            partition by {{ alike }} order by occurred_at
        ) as spell
    from begun
),

counted as (
    select
        *,
        row_number() over (partition by {{ alike }}, spell, side order by occurred_at, id) as number
    from spelled
),

{% for side, id in sides -%}
{{ side }}_counted as (
    select
        counted.* exclude (side, id, is_new, after_seconds),
        counted.id as {{ id }},
        windows.before_seconds,
        windows.after_seconds
    from counted
    inner join windows on counted.system = windows.system
    where counted.side = '{{ side }}'
),

{% endfor -%}
{% endif -%}
{% if limit == 'sums' -%}
together as (
    select
        telling.system,
        telling.told_id,
        truth.event_id,
        telling.quantity as told_quantity,
        truth.quantity as true_quantity,
        row_number() over (
            partition by telling.system, truth.event_id
            order by
                telling.occurred_at < truth.occurred_at - interval 1 hour,
                abs({{ after }}),
                telling.told_id
        ) as telling_number,
        row_number() over (
            partition by telling.system, telling.told_id
            order by
                telling.occurred_at < truth.occurred_at - interval 1 hour,
                abs({{ after }}),
                truth.event_id
        ) as truth_number
    from told_{{ n }} as telling
    inner join true_{{ n }} as truth
        on
            telling.system = truth.system
            and telling.match_key = truth.match_key
            and telling.sku = truth.sku
            and telling.location_id is not distinct from truth.location_id
    where telling.has_reference and {{ in_window }}
),

-- each event goes to the first telling after it, each telling to the last event before it
told_as_one as (
    select
        system,
        told_id
    from together
    where telling_number = 1
    group by system, told_id
    having count(*) > 1 and sum(true_quantity) = any_value(told_quantity)
),

summed_up as (
    select together.*
    from together
    semi join told_as_one
        on together.system = told_as_one.system and together.told_id = told_as_one.told_id
    where together.telling_number = 1
),

told_apart as (
    select together.*
    from together
    anti join summed_up
        on together.system = summed_up.system and together.event_id = summed_up.event_id
    anti join told_as_one
        on together.system = told_as_one.system and together.told_id = told_as_one.told_id
    where together.truth_number = 1
    qualify
        count(*) over (partition by together.system, together.event_id) > 1
        and sum(together.told_quantity) over (partition by together.system, together.event_id)
        = together.true_quantity
),

summed as (
    {% for side in ['summed_up', 'told_apart'] -%}
    select
        system,
        told_id,
        event_id,
        'summed' as wave,
        cast({{ confidence }} as decimal(9, 4)) as confidence
    from {{ side }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{% else -%}
{%- set candidates -%}
greatest(
    count(*) over (partition by telling.system, telling.told_id),
    count(*) over (partition by truth.system, truth.event_id)
)
{%- endset -%}
{%- set confidence_said = confidence if confidence == 1 else confidence ~ ' / ' ~ candidates -%}
{{ wave }} as (
    select
        telling.system,
        telling.told_id,
        truth.event_id,
        '{{ wave }}' as wave,
        cast(
            -- by the document, and which of it; or by nearness, and that nothing else is as near
            case
                when telling.has_reference then {{ confidence_said }}
                else {{ confidence }} * 0.95 * (
                    1 - 0.5 * least(
                        1,
                        abs({{ after }}) / greatest(telling.before_seconds, telling.after_seconds)
                    )
                ) / {{ candidates }}
            end as decimal(9, 4)
        ) as confidence
    {%- set telling = 'told_counted' if 'spell' in columns else 'told_%s' % n %}
    from {{ 'repeating' if wave == 'again' else telling }} as telling
    inner join true_{{ 'counted' if 'spell' in columns else n }} as truth
        on
            telling.system = truth.system
            {%- for column in columns %}
            and telling.{{ column }} = truth.{{ column }}
            {%- endfor %}
            {%- if is_same_place %}
            and telling.location_id is not distinct from truth.location_id
            {%- endif %}
    {% if limit == 'unknown' -%}
    -- left: no document may name the code
    left join meant on telling.system = meant.system and telling.sku = meant.told_sku
    where
        not telling.is_known_sku
        and truth.sku = coalesce(meant.sku, truth.sku)
        and {{ in_window }}
    {% elif limit == 'referenced' -%}
    where telling.has_reference
    {% else -%}
    where telling.has_reference or {{ in_window }}
    {% endif -%}
    qualify
        row_number() over (
            partition by telling.system, telling.told_id
            order by
                {{ foretold }},
                abs({{ after }}),
                truth.event_id
        ) = 1
        and row_number() over (
            partition by truth.system, truth.event_id
            order by
                {{ foretold }},
                abs({{ after }}),
                telling.told_id
        ) = 1
),

{% endif -%}
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
