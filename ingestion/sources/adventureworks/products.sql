-- Ids carry the prefix aw- because SKUs, orders and locations of all systems share one namespace.
select
    source.row_number,
    'AW-' || source.ProductID as sku,
    source.Name as title,
    category.Name as category,
    source.StandardCost as unit_cost,
    source.ListPrice as list_price,
    'USD' as currency,
    -- the file weighs in grams or pounds and leaves the unit out where there is no weight
    case trim(source.WeightUnitMeasureCode)
        when 'G' then round(cast(source.Weight as decimal(18, 4)))
        when 'LB' then round(cast(source.Weight as decimal(18, 4)) * 453.59237)
    end as weight_g,
    'purchasing' as owner
from source
-- left: purchased parts have no subcategory
left join subcategory on source.ProductSubcategoryID = subcategory.ProductSubcategoryID
left join category on subcategory.ProductCategoryID = category.ProductCategoryID
