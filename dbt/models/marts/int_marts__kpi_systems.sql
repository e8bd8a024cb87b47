with

{{ rolled_percentiles(
    'lags', ['sync_lag'], [['source_system'], ['source_system', 'event_name']], [50, 95, 99]
) }},

final as (
    select * from lags
)

select * from final
