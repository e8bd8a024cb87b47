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
    union
    select to_location_id as location_id from owned
    where to_location_id is not null
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

put_away as (
    select
        location_id,
        min(occurred_at) as first_put_away_at
    from owned
    where event_name = 'receipts.put_away'
    group by location_id
),

final as (
    select
        sites.location_id,
        {% for step in ['reserve', 'pick', 'pack', 'put_away'] -%}
        coalesce(own.has_{{ step }}, everywhere.has_{{ step }}) as reports_{{ step }},
        {% endfor %}
        put_away.first_put_away_at
    from sites
    -- left: declarations are optional, and many sites never put away
    left join declared as own on sites.location_id = own.location_id
    left join declared as everywhere on everywhere.location_id = '*'
    left join put_away on sites.location_id = put_away.location_id
)

select * from final
