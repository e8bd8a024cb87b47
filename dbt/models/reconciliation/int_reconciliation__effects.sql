-- What each owned event did to each scope of states that somebody claims, place by place.
with

entries as (
    select * from {{ ref('fct_stock_entries') }}
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

kinds as (
    select distinct
        kinds.scope,
        kinds.state
    from {{ ref('int_reconciliation__kinds') }} as kinds
    semi join {{ ref('fct_stock_claims') }} as claims on kinds.quantity_kind = claims.quantity_kind
),

final as (
    select
        movements.event_id,
        kinds.scope,
        entries.sku,
        entries.location_id,
        entries.lot_id,
        cast(sum(entries.quantity) as bigint) as quantity,
        entries.occurred_at
    from entries
    inner join movements on entries.movement_id = movements.movement_id
    inner join kinds on entries.state = kinds.state
    group by all
    having sum(entries.quantity) != 0
)

select * from final
