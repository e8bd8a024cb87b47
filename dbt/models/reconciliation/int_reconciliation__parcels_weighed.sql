-- What parcels should weigh, by what the site's own parcels weigh: a line fitted to weighed against
-- listed weight, fitted again without the parcels that stand out. How far a parcel may be off is
-- 3.5 robust standard deviations (Iglewicz and Hoaglin 1993), and never less than the scales tell.
with

shipped as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
    where
        event_type = 'shipped' and parcel_weight_g is not null and tracking_number is not null
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name = 'fulfilment_events.shipped' and not is_told_twice
),

products as (
    select * from {{ ref('dim_products') }}
),

parcels as (
    select
        owned.location_id,
        shipped.tracking_number,
        sum(products.weight_g * owned.quantity) as listed_weight_g,
        max(shipped.parcel_weight_g) as parcel_weight_g,
        max(owned.occurred_at) as shipped_at
    from shipped
    inner join owned
        on
            shipped.source_system = owned.source_system
            and shipped.source_event_key = owned.source_event_key
            and shipped.line_id = owned.order_line_id
    -- left: one line of unknown weight leaves nothing to say of its parcel
    left join products on owned.sku = products.sku
    group by owned.location_id, shipped.tracking_number
    having count(*) = count(products.weight_g)
),

fitted as (
    select
        *,
        parcel_weight_g - listed_weight_g * regr_slope(parcel_weight_g, listed_weight_g) over site
        - regr_intercept(parcel_weight_g, listed_weight_g) over site as first_residual_g
    from parcels
    window site as (partition by location_id)
),

lines as (
    select
        location_id,
        round(regr_slope(parcel_weight_g, listed_weight_g), 9) as slope,
        round(regr_intercept(parcel_weight_g, listed_weight_g), 6) as tare_g
    from (
        select
            *,
            median(abs(first_residual_g)) over (partition by location_id) as usual_g
        from fitted
    ) as judged
    where abs(first_residual_g) <= 3.5 * 1.4826 * usual_g
    group by location_id
    having count(*) >= {{ var('parcels_to_learn_from') }}
),

expected as (
    select
        parcels.location_id,
        parcels.tracking_number,
        parcels.parcel_weight_g,
        lines.slope,
        lines.tare_g + lines.slope * parcels.listed_weight_g as expected_weight_g,
        parcels.shipped_at
    from parcels
    inner join lines on parcels.location_id = lines.location_id
),

final as (
    select
        location_id,
        tracking_number,
        parcel_weight_g,
        slope,
        cast(expected_weight_g as decimal(18, 2)) as expected_weight_g,
        cast(
            greatest(
                {{ var('parcel_scale_g') }},
                3.5 * 1.4826 * median(abs(parcel_weight_g - expected_weight_g)) over (
                    partition by location_id
                )
            ) as decimal(18, 2)
        ) as tolerance_g,
        shipped_at
    from expected
    where slope > 0
)

select * from final
