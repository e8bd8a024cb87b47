{# Rows of a feed, one per key, judged against master data; see models/staging. `line` tells apart
   what one document says under one source_event_key, as Feed.line at landing. Of a key that may be
   revised, the newest statement, and where that is refused also the newest good one: it stays in
   force. With its history kept, every statement is there. `price` names the column that prices one
   unit of uom: it comes out as the price of one each, as quantities do. #}
{% macro judged_rows(
    feed,
    locations=[],
    quantity='quantity',
    price=none,
    revisable_by=[],
    is_history_kept=false,
    line=[]
) -%}
with

stated as (
    select * from {{ source('raw', feed) }}
),

aliases as (
    select * from {{ ref('stg_landing__product_aliases') }}
),

-- a system may speak of a SKU by a code of its own
landed as (
    select
        stated.* exclude (sku),
        coalesce(aliases.sku, stated.sku) as sku,
        stated.sku as stated_sku
    from stated
    -- left: most codes are the SKU itself
    left join aliases
        on stated.source_system = aliases.source_system and stated.sku = aliases.alias
),

products as (
    select * from {{ ref('stg_landing__products') }}
),

locations as (
    select * from {{ ref('stg_landing__locations') }}
),

unit_conversions as (
    select * from {{ ref('stg_landing__unit_conversions') }}
),

ranked as (
    select
        landed.*
        {%- if not revisable_by %},
        row_number() over (
            partition by
                {{ (['source_system', 'source_event_key'] + line) | join(', ') }}
            order by recorded_at, source_system, record_hash
        ) as statement_number
        {%- endif %}
    from landed
),

converted as (
    select
        ranked.*,
        {% if quantity == 'quantity' and feed not in ('adjustments', 'postings') -%}
        case
            when ranked.uom is null or lower(ranked.uom) in ('ea', 'each', 'eaches') then 1
            else unit_conversions.numerator
        end as numerator,
        coalesce(unit_conversions.denominator, 1) as denominator,
        {%- else -%}
        1 as numerator,
        1 as denominator,
        {%- endif %}
        coalesce(
            {% for column in locations -%}
            case
                when {{ column }} not in (select locations.location_id from locations)
                    then {{ column }}
            end,
            {% endfor -%}
            null
        ) as unknown_location_id,
        products.sku is not null as is_known_sku
    from ranked
    -- left: an unknown SKU or unit is what this model is there to find
    left join products on ranked.sku = products.sku
    {% if quantity == 'quantity' and feed not in ('adjustments', 'postings') -%}
    left join unit_conversions
        on
            ranked.sku = unit_conversions.sku
            and lower(ranked.uom) = unit_conversions.uom
    {%- endif %}
),

judged as (
    select
        converted.*,
        case
            {% if not revisable_by -%}
            when statement_number > 1 then 'redelivered_with_changes'
            {% endif -%}
            when not is_known_sku then 'unknown_sku'
            when unknown_location_id is not null then 'unknown_location'
            when numerator is null then 'unknown_unit'
            when ({{ quantity }}::hugeint * numerator) % denominator != 0
                then 'fractional_conversion'
            when abs(({{ quantity }}::hugeint * numerator) // denominator) > {{ var('largest_quantity') }}
                then 'out_of_range'
        end as quarantine_rule
    from converted
)

select
    * exclude (
        {{ quantity }}, {{ price ~ ', ' if price }}numerator, denominator, is_known_sku
        {{- ', statement_number' if not revisable_by }}
    ),
    {{ quantity }} as stated_quantity,
    {% if price -%}
    -- to the nearest millionth, in integers: a division of decimals is a double
    case
        when quarantine_rule is null
            then
                cast(
                    (2 * cast({{ price }} * 1000000 as hugeint) * denominator + numerator)
                    // (2 * numerator) as decimal(32, 0)
                ) * 0.000001
    end as {{ price }},
    {% endif -%}
    case
        when quarantine_rule is null
            then cast(({{ quantity }}::hugeint * numerator) // denominator as bigint)
    end as {{ quantity }}
from judged
{%- if revisable_by and not is_history_kept %}
{%- set key = revisable_by | join(', ') %}
{%- set newest_first = 'order by recorded_at desc, source_system, record_hash' %}
qualify
    row_number() over (partition by {{ key }} {{ newest_first }}) = 1
    or (
        quarantine_rule is null
        and row_number() over (
            partition by {{ key }}, quarantine_rule is null {{ newest_first }}
        ) = 1
    )
{%- endif %}
{%- endmacro %}

{# The newest revision of each key of a revisable feed. #}
{% macro latest_revision(feed, key) -%}
select *
from {{ source('raw', feed) }}
qualify
    row_number() over (
        partition by {{ key | join(', ') }}
        order by recorded_at desc, source_system asc, record_hash asc
    ) = 1
{%- endmacro %}

{# Adds to `relation` the balance after each event of a store that is filled and emptied in order,
   never below zero: a running sum floored at zero, R = S - min(0, running min of S) (Lindley).
   `taken` is what an emptying event found in the store; what it wanted beyond comes from elsewhere.
   `delta` is + for filling and - for emptying events. #}
{% macro floored_balance(
    relation, subject, delta, sequence, name='stored', taken='taken_quantity'
) -%}
{{ name }}_summed as (
    select
        *,
        cast(sum({{ delta }}) over store_so_far as bigint) as unfloored_balance
    from {{ relation }}
    window
        store_so_far as (
            partition by {{ subject }}
            order by {{ sequence }}
            rows between unbounded preceding and current row
        )
),

{{ name }}_floored as (
    select
        *,
        unfloored_balance - least(0, min(unfloored_balance) over store_so_far) as balance_after
    from {{ name }}_summed
    window
        store_so_far as (
            partition by {{ subject }}
            order by {{ sequence }}
            rows between unbounded preceding and current row
        )
),

{{ name }} as (
    select
        * exclude (unfloored_balance, balance_after),
        greatest(
            lag(balance_after, 1, 0::bigint) over (
                partition by {{ subject }} order by {{ sequence }}
            ) - balance_after,
            0
        ) as {{ taken }}
    from {{ name }}_floored
)
{%- endmacro %}

{# Which way through the building a state of stock on hand lies on: units that skip a step on it are
   still there. Available units past their last day lie with those called expired. #}
{% macro flow_group() -%}
case
    when is_sellable then 'free'
    when state = 'receiving' then 'inbound'
    when state in ('reserved', 'picked', 'packed') then 'outbound'
    else 'held_back'
end
{%- endmacro %}

{# The name of one telling, and of no other: who told it, what of, and that system's own key. #}
{% macro evidence_id(system, told_of, key) -%}
concat_ws(':', {{ system }}, {{ told_of }}, {{ key }})
{%- endmacro %}
