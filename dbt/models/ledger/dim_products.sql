with

final as (
    select * from {{ ref('stg_landing__products') }}
)

select * from final
