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

{% set events = {
    'reserve': 'fulfilment_events.reserved',
    'pick': 'fulfilment_events.picked',
    'pack': 'fulfilment_events.packed',
    'put_away': 'receipts.put_away',
} -%}
told as (
    select
        location_id,
    {% for step, event_name in events.items() -%}
    min(occurred_at) filter (where event_name = '{{ event_name }}')
        as first_{{ step }}_at{{ ',' if not loop.last }}
    {% endfor %}
    from owned
    group by location_id
),

final as (
    select
        sites.location_id,
        {% for step in events -%}
        coalesce(own.has_{{ step }}, everywhere.has_{{ step }}) as reports_{{ step }},
        {% endfor -%}
    {% for step in events -%}
    told.first_{{ step }}_at{{ ',' if not loop.last }}
    {% endfor %}
    from sites
    -- left: declarations are optional, and many sites never tell of a step
    left join declared as own on sites.location_id = own.location_id
    left join declared as everywhere on everywhere.location_id = '*'
    left join told on sites.location_id = told.location_id
)

select * from final
