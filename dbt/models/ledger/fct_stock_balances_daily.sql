with

entries as (
    select * from {{ ref('fct_stock_entries') }}
),

states as (
    select * from {{ ref('stock_states') }}
),

locations as (
    select * from {{ ref('stg_landing__locations') }}
),

changed as (
    select
        entries.location_id,
        entries.sku,
        entries.state,
        {{ local_date('entries.occurred_at', "coalesce(locations.time_zone, 'UTC')") }}
            as balance_on,
        cast(sum(entries.quantity) as bigint) as net_quantity
    from entries
    inner join states on entries.state = states.state
    -- left: the location 'unknown' has no row
    left join locations on entries.location_id = locations.location_id
    where states.is_physical
    group by entries.location_id, entries.sku, entries.state, balance_on
),

final as (
    select
        location_id,
        sku,
        state,
        net_quantity,
        cast(
            sum(net_quantity) over (
                partition by location_id, sku, state
                order by balance_on
                rows between unbounded preceding and current row
            ) as bigint
        ) as quantity,
        balance_on as valid_from_on,
        lead(balance_on) over (
            partition by location_id, sku, state order by balance_on
        ) as valid_to_on
    from changed
)

select * from final
