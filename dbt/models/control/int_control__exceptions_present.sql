with

signs as (
    select * from {{ ref('int_control__exceptions') }}
),

-- one problem is one exception, however many rows show it
final as (
    select
        exception_id,
        exception_type,
        {{ latest_by(
            'severity', "case severity when 'blocking' then 2 when 'warning' then 1 else 0 end"
        ) }} as severity,
        max(subject) as subject,
        max(sku) as sku,
        max(location_id) as location_id,
        min(detail) as detail,
        max(evidence) as evidence,
        max(claim_id) as claim_id,
        cast(sum(quantity) as bigint) as quantity,
        cast(sum(amount) as decimal(38, 4)) as amount,
        min(first_seen_at) as first_seen_at
    from signs
    group by exception_id, exception_type
)

select * from final
