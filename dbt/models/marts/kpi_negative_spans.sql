with

shortfalls as (
    select * from {{ ref('int_ledger__shortfalls') }}
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

clock as (
    select * from {{ ref('clock') }}
),

overdrawn as (
    select distinct
        location_id,
        sku,
        lot_id,
        state
    from shortfalls
),

changed as (
    select
        entries.location_id,
        entries.sku,
        entries.lot_id,
        entries.state,
        entries.occurred_at,
        sum(entries.quantity) as net_quantity
    from entries
    inner join overdrawn
        on
            entries.location_id = overdrawn.location_id
            and entries.sku = overdrawn.sku
            and entries.lot_id is not distinct from overdrawn.lot_id
            and entries.state = overdrawn.state
    group by
        entries.location_id, entries.sku, entries.lot_id, entries.state, entries.occurred_at
),

balanced as (
    select
        location_id,
        sku,
        lot_id,
        state,
        cast(sum(net_quantity) over account_so_far as bigint) as balance_quantity,
        occurred_at as from_at,
        lead(occurred_at) over account_so_far as next_at
    from changed
    window
        account_so_far as (
            partition by location_id, sku, lot_id, state order by occurred_at
        )
),

spans as (
    select
        balanced.*,
        coalesce(locations.time_zone, 'UTC') as time_zone,
        coalesce(balanced.next_at, greatest(clock.as_of_at, balanced.from_at)) as to_at
    from balanced
    cross join clock
    -- left: the location 'unknown' has no row
    left join locations on balanced.location_id = locations.location_id
    where balanced.balance_quantity < 0
),

days as (
    select
        *,
        {{ days_between(local_date('from_at', 'time_zone'), local_date('to_at', 'time_zone')) }}
            as below_zero_on
    from spans
),

final as (
    select
        location_id,
        sku,
        lot_id,
        state,
        balance_quantity,
        greatest(from_at, {{ day_starts_at('below_zero_on', 'time_zone') }}) as from_at,
        least(to_at, {{ day_starts_at('below_zero_on + interval 1 day', 'time_zone') }}) as to_at,
        below_zero_on
    from days
)

select * from final
