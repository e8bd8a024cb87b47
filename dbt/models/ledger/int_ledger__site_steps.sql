with

locations as (
    select * from {{ ref('stg_landing__locations') }}
),

site_steps as (
    select * from {{ ref('stg_landing__site_steps') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
),

sites as (
    select location_id from locations
    union
    select location_id from owned
),

declared as (
    select
        location_id,
    {% for step in ['reserve', 'pick', 'pack', 'put_away'] -%}
    bool_or(step = '{{ step }}') as has_{{ step }}{{ ',' if not loop.last }}
    {% endfor %}
    from site_steps
    group by location_id
),

-- A site nobody described is taken to report the steps it has ever reported.
seen as (
    select
        location_id,
        bool_or(event_name = 'fulfilment_events.reserved') as has_reserve,
        bool_or(event_name = 'fulfilment_events.picked') as has_pick,
        bool_or(event_name = 'fulfilment_events.packed') as has_pack,
        bool_or(event_name = 'receipts.put_away') as has_put_away
    from owned
    group by location_id
),

final as (
    select
        sites.location_id,
    {% for step in ['reserve', 'pick', 'pack', 'put_away'] -%}
    coalesce(
        own.has_{{ step }}, everywhere.has_{{ step }}, seen.has_{{ step }}, false
    ) as reports_{{ step }}{{ ',' if not loop.last }}
    {% endfor %}
    from sites
    -- left: declarations are optional, and a new site has reported nothing
    left join declared as own on sites.location_id = own.location_id
    left join declared as everywhere on everywhere.location_id = '*'
    left join seen on sites.location_id = seen.location_id
)

select * from final
