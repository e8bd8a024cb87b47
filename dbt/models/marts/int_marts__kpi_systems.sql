with

{{ rolled_percentiles(
    'lags', ['sync_lag'], [['source_system'], ['source_system', 'event_name']], [50, 95, 99]
) }},

{{ rolled_totals('shares', ['explained_share'], [['source_system'], ['location_id']]) }},

final as (
    select * from lags
    union all
    select * from shares
)

select * from final
