with

final as (
    select * from {{ ref('stg_landing__locations') }}
)

select * from final
