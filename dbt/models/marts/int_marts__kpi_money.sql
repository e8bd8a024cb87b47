with

{{ rolled_totals('leaks', ['margin_leakage'], [['location_id'], ['channel_id']]) }},

{{ rolled_totals('value', ['value_delivered'], [], base='month') }},

final as (
    select * from leaks
    union all
    select * from value
)

select * from final
