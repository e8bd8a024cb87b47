{#- Stock at any instant, as table macros that every generation carries:

    balances_as_of(at)            what was true: every movement that had happened by then
    balances_as_known(at, known)  what the systems of record had recorded by `known` of what had
                                  happened by `at`

    Both return one row per location, SKU, lot and state: location_id, sku, lot_id, state, quantity.

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
