{#- Stock at any instant, as table macros that every generation carries:

    balances_as_of(at)            what was true: every movement that had happened by then
    balances_as_known(at, known)  what the systems of record had recorded by `known` of what had
                                  happened by `at`

    Both return one row per location, SKU, lot and state: location_id, sku, lot_id, state, quantity. -#}
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
