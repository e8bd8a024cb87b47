-- Ids carry the prefix aw- because SKUs, orders and locations of all systems share one namespace.
select
    source.row_number,
    'AW-' || source.productid as sku,
    source.name as title,
    category.name as category,
    source.standardcost as unit_cost,
    source.listprice as list_price,
    'USD' as currency,
    -- the file weighs in grams or pounds and leaves the unit out where there is no weight
    case trim(source.weightunitmeasurecode)
        when 'G' then round(cast(source.weight as decimal(18, 4)))
        when 'LB' then round(cast(source.weight as decimal(18, 4)) * 453.59237)
    end as weight_g,
    'purchasing' as owner
from source
-- left: purchased parts have no subcategory
left join subcategory on source.productsubcategoryid = subcategory.productsubcategoryid
left join category on subcategory.productcategoryid = category.productcategoryid
