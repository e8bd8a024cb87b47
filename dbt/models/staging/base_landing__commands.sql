with

latest as (
    {{ latest_revision('commands', ['command_id']) | indent(4) }}
),

products as (
    select * from {{ ref('stg_landing__products') }}
),

locations as (
    select * from {{ ref('stg_landing__locations') }}
),

named as (
    select
        *,
        case
            when command_type = 'record_adjustment' then {{ json_text('payload', 'sku') }}
        end as sku,
        case
            when command_type = 'record_adjustment' then {{ json_text('payload', 'location_id') }}
        end as location_id
    from latest
),

final as (
    select
        named.*,
        case when locations.location_id is null then named.location_id end as unknown_location_id,
        case
            when named.sku is not null and products.sku is null then 'unknown_sku'
            when named.location_id is not null and locations.location_id is null
                then 'unknown_location'
        end as quarantine_rule
    from named
    -- left: what nobody knows is what this model is there to find
    left join products on named.sku = products.sku
    left join locations on named.location_id = locations.location_id
)

select * from final
