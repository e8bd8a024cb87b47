-- What a claimant was told, and got wrong: another quantity, another SKU, another place.
with

knowledge as (
    select * from {{ ref('int_reconciliation__knowledge') }}
    where
        wave in ('elsewhere', 'otherwise', 'other_sku', 'renamed')
        -- told as the kit, booked as the component
        or told_sku != sku
),

-- an order may be older than the bill of its shipment: each is heard of until the component's next
bills as (
    select
        kit_sku,
        component_sku,
        component_quantity,
        valid_from,
        lead(valid_from) over (
            partition by kit_sku, component_sku order by valid_from
        ) as valid_to
    from {{ ref('dim_bills_of_materials') }}
    where not is_stocked
),

effects as (
    select * from {{ ref('int_reconciliation__effects') }}
),

factors as (
    select * from {{ ref('int_reconciliation__unit_factors') }}
),

scaled as (
    select distinct
        knowledge.system,
        knowledge.event_id
    from knowledge
    inner join factors on knowledge.sku = factors.sku
    where
        knowledge.wave = 'otherwise'
        and (
            knowledge.told_quantity = knowledge.quantity * factors.factor
            or knowledge.told_quantity * factors.factor = knowledge.quantity
        )
),

changed as (
    select
        knowledge.*,
        effects.scope,
        effects.location_id as place,
        effects.lot_id,
        effects.quantity as effect_quantity,
        scaled.event_id is not null as is_scaled,
        case
            when bills.kit_sku is not null then 'kit_explosion'
            when knowledge.wave = 'otherwise' then 'quantity'
            when knowledge.wave = 'elsewhere' then 'wrong_location'
            when not knowledge.is_told_sku_known then 'product_mapping'
            else 'wrong_item'
        end as distortion,
        -- one kit for so many of the component
        coalesce(bills.component_quantity, 1) as told_divisor,
        min(knowledge.sku) over (
            partition by knowledge.system, knowledge.told_evidence_id
        ) as first_component
    from knowledge
    inner join effects
        on knowledge.event_id = effects.event_id and knowledge.sku = effects.sku
    -- left: most wrong quantities are no matter of units, most SKUs no kits
    left join scaled
        on knowledge.system = scaled.system and knowledge.event_id = scaled.event_id
    left join bills
        on
            knowledge.told_sku = bills.kit_sku
            and knowledge.sku = bills.component_sku
            and knowledge.occurred_at >= bills.valid_from
            and knowledge.occurred_at < coalesce(bills.valid_to, timestamp '9999-12-31')
),

otherwise as (
    select
        system,
        scope,
        sku,
        place as location_id,
        lot_id,
        case when is_scaled then 'unit_conversion' else 'unexplained' end as cause,
        cast(effect_quantity * told_quantity // quantity - effect_quantity as bigint) as quantity,
        confidence,
        [evidence_id, told_evidence_id] as evidence,
        greatest(known_at, occurred_at) as valid_from
    from changed
    where distortion = 'quantity'
),

-- gone from where it was, and there where it was not
moved as (
    {% for sku, place, sign, divisor in [
        ('sku', 'place', '-', '1'),
        ('told_sku', 'coalesce(told_location_id, place)', '', 'told_divisor'),
    ] -%}
    select
        system,
        scope,
        {{ sku }},
        {{ place }} as location_id,
        lot_id,
        distortion as cause,
        {{ sign }}effect_quantity // {{ divisor }} as quantity,
        confidence,
        [evidence_id, told_evidence_id] as evidence,
        greatest(known_at, occurred_at) as valid_from
    from changed
    where
        distortion != 'quantity'
    {%- if sku == 'told_sku' %}
    -- a kit of many components is told of once
    and (
        distortion != 'kit_explosion'
        or sku = first_component
    )
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        *,
        cast(null as timestamp) as valid_to
    from otherwise
    where quantity != 0
    union all
    select
        *,
        cast(null as timestamp) as valid_to
    from moved
)

select * from final
