with

final as (
    select * from {{ ref('stg_landing__suppliers') }}
)

select * from final
