{%- set places = [['location_id']] -%}
with

{{ rolled_totals('totals', [
    'inventory_record_accuracy', 'count_variance', 'negative_stock_events', 'stockout_rate',
    'sales_velocity', 'phantom_stock', 'adjustment_efficacy',
], places) }},

{{ rolled_totals('channels', ['oversell_rate'], [['location_id'], ['channel_id']]) }},

{{ rolled_totals('months', ['days_of_supply', 'inventory_turns'], places, base='month') }},

{{ rolled_percentiles('percentiles', ['return_to_stock_lag'], places, [50, 90]) }},

final as (
    {% for part in ['totals', 'channels', 'months', 'percentiles'] -%}
    select * from {{ part }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
