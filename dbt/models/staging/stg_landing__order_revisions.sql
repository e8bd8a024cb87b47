with

stated as (
    select * from {{ source('raw', 'orders') }}
),

final as (
    select
        order_id,
        row_number() over (
            partition by order_id
            order by recorded_at desc, source_system asc, record_hash asc
        ) as statement_number,
        cancelled_at,
        recorded_at
    from stated
)

select * from final
