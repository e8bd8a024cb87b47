with

final as (
    select * from {{ ref('stg_landing__channels') }}
)

select * from final
