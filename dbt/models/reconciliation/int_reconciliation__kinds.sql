-- Which states a kind of claimed quantity counts: as a company says itself, else as the seed says.
with

stated as (
    select * from {{ ref('stg_landing__quantity_kinds') }}
),

defaults as (
    select * from {{ ref('quantity_kinds') }}
),

effective as (
    select
        quantity_kind,
        state
    from stated
    union all
    select
        defaults.quantity_kind,
        defaults.state
    from defaults
    anti join stated on defaults.quantity_kind = stated.quantity_kind
),

-- kinds that count the same states share one scope
scopes as (
    select
        quantity_kind,
        string_agg(state, '+' order by state) as scope
    from effective
    group by quantity_kind
),

final as (
    select
        effective.quantity_kind,
        effective.state,
        scopes.scope
    from effective
    inner join scopes on effective.quantity_kind = scopes.quantity_kind
)

select * from final
