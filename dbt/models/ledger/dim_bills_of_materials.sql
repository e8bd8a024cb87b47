with

bills as (
    select * from {{ ref('stg_landing__bills_of_materials') }}
),

receipts as (
    select * from {{ ref('stg_landing__receipts') }}
),

adjustments as (
    select * from {{ ref('stg_landing__adjustments') }}
),

transfers as (
    select * from {{ ref('stg_landing__transfers') }}
),

-- a kit that lies on a shelf as such is stock of its own
stocked as (
    select sku from receipts
    union
    select sku from adjustments
    union
    select sku from transfers
),

final as (
    select
        bills.kit_sku,
        bills.component_sku,
        bills.component_quantity,
        stocked.sku is not null as is_stocked,
        bills.valid_from,
        least(
            bills.valid_to,
            lead(bills.valid_from) over (
                partition by bills.kit_sku, bills.component_sku order by bills.valid_from
            )
        ) as valid_to
    from bills
    -- left: most kits are put together when they are picked
    left join stocked on bills.kit_sku = stocked.sku
)

select * from final
