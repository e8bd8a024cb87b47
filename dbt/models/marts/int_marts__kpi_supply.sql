{%- set places = [['location_id'], ['supplier_id']] -%}
with

{{ rolled_totals('totals', [
    'supplier_on_time_in_full', 'supplier_fill_rate', 'supplier_lead_time',
    'supplier_reject_rate',
], places, base='month') }},

{{ rolled_percentiles('lead_times', ['supplier_lead_time'], places, [90], base='month') }},

{{ rolled_percentiles('dock_times', ['dock_to_stock'], places, [50, 90]) }},

final as (
    {% for part in ['totals', 'lead_times', 'dock_times'] -%}
    select * from {{ part }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
