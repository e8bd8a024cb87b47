with

events as (
    select * from {{ ref('int_commitments__events_heard') }}
    where event_type in ('picked', 'pack_verified') and scanned_code is not null
),

products as (
    select * from {{ ref('dim_products') }}
),

returns as (
    select * from {{ ref('fct_returns') }}
    where order_id is not null and order_line_id is not null
),

return_faults as (
    select * from {{ ref('return_faults') }}
),

-- a scan that reads another SKU; a code that is no SKU at all proves nothing
scanned as (
    select
        events.order_id,
        events.line_id,
        'scanned_other_sku' as fault
    from events
    inner join products on upper(events.scanned_code) = products.sku
    where products.sku != events.sku
),

returned as (
    select
        returns.order_id,
        returns.order_line_id as line_id,
        return_faults.fault
    from returns
    inner join return_faults on returns.reason = return_faults.reason
),

found as (
    select * from scanned
    union all
    select * from returned
),

final as (
    select
        order_id,
        line_id,
        bool_or(fault = 'scanned_other_sku') as is_scanned_wrong,
        bool_or(fault = 'wrong_item') as is_returned_wrong,
        bool_or(fault = 'damaged') as is_returned_damaged,
        bool_or(fault = 'documents') as is_returned_for_documents
    from found
    group by order_id, line_id
)

select * from final
