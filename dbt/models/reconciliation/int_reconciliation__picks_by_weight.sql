-- Parcels whose weight is off by what a look-alike weighs more or less than the SKU booked.
with

parcels as (
    select * from {{ ref('int_reconciliation__parcels_weighed') }}
    where abs(parcel_weight_g - expected_weight_g) > tolerance_g
),

shipped as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
    where event_type = 'shipped' and parcel_weight_g is not null
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name = 'fulfilment_events.shipped' and not is_told_twice
),

look_alikes as (
    select * from {{ ref('int_reconciliation__look_alikes') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

packed as (
    select
        parcels.location_id,
        parcels.tracking_number,
        owned.order_id,
        owned.order_line_id as line_id,
        owned.sku,
        owned.quantity,
        {{ evidence_id('owned.source_system', 'owned.event_name', 'owned.source_event_key') }}
            as evidence_id,
        products.weight_g,
        (parcels.parcel_weight_g - parcels.expected_weight_g) / parcels.slope as off_by_g,
        parcels.tolerance_g,
        parcels.shipped_at
    from parcels
    inner join shipped on parcels.tracking_number = shipped.tracking_number
    inner join owned
        on
            shipped.source_system = owned.source_system
            and shipped.source_event_key = owned.source_event_key
            and shipped.line_id = owned.order_line_id
            and parcels.location_id = owned.location_id
    inner join products on owned.sku = products.sku
),

-- one unit more or less of the same SKU weighs like another SKU at times: then nobody can tell
explained as (
    select
        packed.*,
        look_alikes.other_sku,
        abs(packed.off_by_g - packed.quantity * (others.weight_g - packed.weight_g)) as rest_g
    from packed
    inner join look_alikes
        on packed.location_id = look_alikes.location_id and packed.sku = look_alikes.sku
    inner join products as others on look_alikes.other_sku = others.sku
    union all
    select
        packed.*,
        cast(null as varchar) as other_sku,
        abs(abs(packed.off_by_g) - packed.weight_g) as rest_g
    from packed
),

fitting as (
    select
        *,
        count(*) over (partition by location_id, tracking_number) as candidate_count
    from explained
    where rest_g <= tolerance_g
),

final as (
    select
        location_id,
        tracking_number,
        order_id,
        line_id,
        sku,
        other_sku,
        quantity,
        evidence_id,
        candidate_count,
        shipped_at
    from fitting
    where other_sku is not null
    qualify
        row_number() over (
            partition by location_id, tracking_number order by rest_g, line_id, other_sku
        ) = 1
)

select * from final
