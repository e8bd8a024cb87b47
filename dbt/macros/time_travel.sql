{#- Stock at any instant, as table macros that every generation carries:

    balances_as_of(at)            what was true: every movement that had happened by then
    balances_as_known(at, known)  what the systems of record had recorded by `known` of what had
                                  happened by `at`

    balances_as_known_to(teller, at, known)
                                  what one system had recorded by `known` of what had happened by
                                  `at`, by its own clock: its own events, and its echoes of the
                                  owners'. Kinds of movement of which it never tells at a place are
                                  taken as the systems of record had them.

    They return one row per location, SKU, lot and state: location_id, sku, lot_id, state, quantity.

    balances_as_told(teller, at)  what a system that claims stock knew at that instant, by its own
                                  clock: the ledger, and every difference of its story that held.
                                  One row per scope (the states it claims together, joined by +),
                                  location, SKU and lot: scope, location_id, sku, lot_id, quantity.
                                  Exact where the system claims; a SKU on which all its claims tie
                                  is taken to be known as it happened. -#}
{% macro create_time_travel() -%}
create or replace macro main.balances_as_of("at") as table (
    select location_id, sku, lot_id, state, cast(sum(quantity) as bigint) as quantity
    from fct_stock_entries
    where occurred_at <= "at"
    group by location_id, sku, lot_id, state
    having sum(quantity) != 0
);
create or replace macro main.balances_as_known("at", known) as table (
    select location_id, sku, lot_id, state, cast(sum(quantity) as bigint) as quantity
    from fct_stock_entries
    where occurred_at <= "at" and recorded_at <= known
    group by location_id, sku, lot_id, state
    having sum(quantity) != 0
);
create or replace macro main.balances_as_known_to(teller, "at", known) as table (
    with echoes as (
        select event_id, min(recorded_at) as recorded_at
        from fct_echoes
        where source_system = teller
        group by event_id
    ),
    told_kinds as (
        select distinct movements.movement_type, coalesce(movements.to_location_id, '') as place
        from fct_stock_movements as movements
        inner join echoes on movements.event_id = echoes.event_id
    ),
    known_movements as (
        select movements.movement_id
        from fct_stock_movements as movements
        left join echoes on movements.event_id = echoes.event_id
        left join told_kinds
            on
                movements.movement_type = told_kinds.movement_type
                and coalesce(movements.to_location_id, '') = told_kinds.place
        where case
            when echoes.event_id is not null then echoes.recorded_at <= known
            when movements.source_system = teller or told_kinds.movement_type is null
                then movements.recorded_at <= known
            else false
        end
    )
    select location_id, sku, lot_id, state, cast(sum(quantity) as bigint) as quantity
    from fct_stock_entries
    semi join known_movements using (movement_id)
    where occurred_at <= "at"
    group by location_id, sku, lot_id, state
    having sum(quantity) != 0
);
{%- endmacro %}

{% macro create_balances_as_told() -%}
create or replace macro main.balances_as_told(teller, "at") as table (
    with scopes as (
        select distinct scope from recon_variances where system = teller
    ),
    told as (
        select scopes.scope, entries.location_id, entries.sku, entries.lot_id, entries.quantity
        from fct_stock_entries as entries
        inner join scopes on list_contains(string_split(scopes.scope, '+'), entries.state)
        where entries.occurred_at <= "at"
        union all
        select scope, location_id, sku, lot_id, quantity
        from recon_differences
        where system = teller and valid_from <= "at" and valid_to > "at"
    )
    select scope, location_id, sku, lot_id, cast(sum(quantity) as bigint) as quantity
    from told
    group by scope, location_id, sku, lot_id
    having sum(quantity) != 0
);
{%- endmacro %}
