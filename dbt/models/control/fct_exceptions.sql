with

exceptions as (
    select * from {{ ref('int_control__exceptions') }}
),

-- one problem is one exception, however many rows show it
final as (
    select
        exception_id,
        exception_type,
        max(severity) as severity,
        max(subject) as subject,
        max(sku) as sku,
        max(location_id) as location_id,
        cast(sum(quantity) as bigint) as quantity,
        cast(sum(amount) as decimal(38, 4)) as amount,
        min(detail) as detail,
        max(evidence) as evidence,
        min(first_seen_at) as first_seen_at
    from exceptions
    group by exception_id, exception_type
)

select * from final
