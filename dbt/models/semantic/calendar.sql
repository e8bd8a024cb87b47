with

final as (
    select {{ days_between("date '2000-01-01'", "date '2049-12-31'") }} as date_day
)

select * from final
