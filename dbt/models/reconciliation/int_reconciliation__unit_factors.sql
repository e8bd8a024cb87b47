-- By what a careless count of cases or inners multiplies or divides.
with

conversions as (
    select * from {{ ref('stg_landing__unit_conversions') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

final as (
    select
        sku,
        cast(numerator // denominator as bigint) as factor
    from conversions
    where numerator % denominator = 0 and numerator > denominator
    union
    select
        sku,
        cast(case_pack_quantity as bigint) as factor
    from products
    where case_pack_quantity > 1
)

select * from final
