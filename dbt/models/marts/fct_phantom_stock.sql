-- Stock that stands only on paper: put back on sale though the goods had not come in, or twice.
with

returns as (
    select * from {{ ref('fct_returns') }}
),

incidents as (
    select * from {{ ref('recon_incidents') }}
    where cause in ('restocked_without_receipt', 'return_restocked_twice')
),

told as (
    select * from {{ ref('int_reconciliation__events_told') }}
    where event_class = 'returns.restocked'
),

products as (
    select * from {{ ref('dim_products') }}
),

-- an incident of a restock begins when its system records it
named as (
    select
        system,
        sku,
        recorded_at,
        case when min(return_id) = max(return_id) then min(return_id) end as return_id
    from told
    group by system, sku, recorded_at
),

gathered as (
    select
        incidents.incident_id as phantom_id,
        incidents.system,
        incidents.cause,
        named.return_id,
        incidents.sku,
        incidents.location_id,
        incidents.quantity,
        incidents.began_at,
        incidents.ended_at
    from incidents
    -- left: of several at one instant none is named
    left join named
        on
            incidents.system = named.system
            and incidents.sku = named.sku
            and incidents.began_at = named.recorded_at
    where incidents.quantity > 0
    union all
    -- the system of record has nobody to differ from
    select
        md5(concat_ws('|', return_id, coalesce(order_line_id, ''), sku)) as phantom_id,
        restocked_by as system,
        'restocked_without_receipt' as cause,
        return_id,
        sku,
        location_id,
        restocked_quantity - received_quantity as quantity,
        restocked_at as began_at,
        cast(null as timestamp) as ended_at
    from returns
    where restocked_quantity > received_quantity
),

final as (
    select
        gathered.phantom_id,
        gathered.system,
        gathered.cause,
        gathered.return_id,
        gathered.sku,
        gathered.location_id,
        gathered.quantity,
        cast(gathered.quantity * coalesce(products.unit_cost_amount, 0) as decimal(38, 4))
            as amount,
        gathered.began_at,
        gathered.ended_at
    from gathered
    -- left: a restock may be of a code that master data lacks
    left join products on gathered.sku = products.sku
)

select * from final
