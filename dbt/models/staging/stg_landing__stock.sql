with

latest as (
    {{ latest_revision('stock', ['source_system', 'source_event_key']) | indent(4) }}
),

aliases as (
    select * from {{ ref('stg_landing__product_aliases') }}
),

-- A claim on a code nobody knows stays a claim on that code.
final as (
    select
        latest.system,
        latest.location_id,
        latest.channel_id,
        coalesce(aliases.sku, latest.sku) as sku,
        latest.sku as stated_sku,
        latest.lot_id,
        latest.quantity_kind,
        latest.quantity as claimed_quantity,
        latest.source_system,
        latest.source_event_key,
        latest.batch_id,
        latest.row_number,
        latest.as_of,
        latest.recorded_at
    from latest
    -- left: most codes are the SKU itself
    left join aliases
        on latest.source_system = aliases.source_system and latest.sku = aliases.alias
)

select * from final
