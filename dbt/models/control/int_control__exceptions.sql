{%- set areas = ['stock', 'lots', 'purchasing', 'orders', 'returns', 'claims'] -%}
with

{% for area in areas -%}
of_{{ area }} as (
    select * from {{ ref('int_control__problems_of_' ~ area) }}
),

{% endfor -%}

-- by name: only what a claim shows names one
gathered as (
    {% for area in areas -%}
    select * from of_{{ area }}
    {{ 'union all by name' if not loop.last }}
    {% endfor %}
),

final as (
    select
        md5(concat_ws('|', gathered.exception_type, gathered.subject, gathered.evidence))
            as exception_id,
        gathered.*
    from gathered
)

select * from final
