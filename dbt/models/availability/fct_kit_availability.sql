-- A kit is as available as its scarcest component: the least of the components' nets, never a
-- difference of the least. Kits that share components cannot all have them: each is allotted the
-- least of its shares, and so all allotted kits of a place can be made together.
with

shares as (
    select * from {{ ref('int_availability__kit_shares') }}
),

availability as (
    select * from {{ ref('fct_availability') }}
),

kits as (
    select
        kit_sku,
        location_id,
        channel_id,
        min_by(component_sku, row(kit_quantity, component_sku)) as limiting_sku,
        min_by(component_sku, row(limit_quantity, component_sku)) filter (where is_shared)
            as shared_sku,
        min(kit_quantity) as individual_quantity,
        min(share_quantity) as allotted_quantity,
        min(guaranteed_quantity) as guaranteed_quantity,
        coalesce(min(limit_quantity) filter (where is_shared), min(wanted_quantity))
            as joint_limit_quantity
    from shares
    group by kit_sku, location_id, channel_id
),

allotted as (
    select
        shares.location_id,
        shares.channel_id,
        shares.component_sku,
        sum(kits.allotted_quantity) as joint_quantity
    from shares
    inner join kits
        on
            shares.kit_sku = kits.kit_sku
            and shares.location_id = kits.location_id
            and shares.channel_id = kits.channel_id
    group by shares.location_id, shares.channel_id, shares.component_sku
),

final as (
    select
        kits.kit_sku,
        kits.location_id,
        kits.channel_id,
        kits.limiting_sku,
        kits.shared_sku,
        coalesce(own.free_quantity, 0) as own_free_quantity,
        coalesce(own.open_demand_quantity, 0) as own_demand_quantity,
        coalesce(own.signed_atp_quantity, 0) as own_atp_quantity,
        kits.individual_quantity,
        -- units put together before are not owed to the components
        case
            when own.sku is null then kits.individual_quantity
            else own.signed_atp_quantity + greatest(0, kits.individual_quantity)
        end as available_quantity,
        kits.allotted_quantity,
        cast(coalesce(allotted.joint_quantity, kits.allotted_quantity) as bigint)
            as joint_quantity,
        kits.joint_limit_quantity,
        kits.guaranteed_quantity
    from kits
    -- left: few kits are stocked or asked for as such, and many share nothing
    left join availability as own
        on
            kits.kit_sku = own.sku
            and kits.location_id = own.location_id
            and kits.channel_id = own.channel_id
    left join allotted
        on
            kits.location_id = allotted.location_id
            and kits.channel_id = allotted.channel_id
            and kits.shared_sku = allotted.component_sku
)

select * from final
