-- Rests that answer each other: the same units missing in one claim and over in another one of the
-- same system at the same instant; or counts of two SKUs that a pick confused, or of what was
-- booked wrong. Each claim gives at most its whole rest to one of them.
with

rests as (
    select * from {{ ref('int_reconciliation__rests') }}
),

bills as (
    select * from {{ ref('dim_bills_of_materials') }}
),

misbooked as (
    select * from {{ ref('int_reconciliation__counts_misbooked') }}
),

confused as (
    select * from {{ ref('int_reconciliation__counts_confused') }}
),

-- stock claimed under a code nobody knows, missing under the SKU it is
mapped as (
    select
        unknown.claim_id,
        known.claim_id as other_claim_id,
        'product_mapping' as cause,
        unknown.rest_quantity as quantity,
        known.rest_quantity as other_quantity,
        1 as pairing_rank
    from rests as unknown
    inner join rests as known
        on
            unknown.system = known.system
            and unknown.place = known.place
            and unknown.channel_id = known.channel_id
            and unknown.quantity_kind = known.quantity_kind
            and unknown.as_of = known.as_of
            and unknown.rest_quantity = -known.rest_quantity
    where not unknown.is_known_sku and known.is_known_sku and unknown.quantity_kind != 'count'
),

-- kits claimed as kits, missing as their components
kitted as (
    select
        kits.claim_id,
        components.claim_id as other_claim_id,
        'kit_explosion' as cause,
        kits.rest_quantity as quantity,
        -kits.rest_quantity * bills.component_quantity as other_quantity,
        1 as pairing_rank
    from rests as kits
    inner join bills
        on
            kits.sku = bills.kit_sku
            and not bills.is_stocked
            and kits.as_of >= bills.valid_from
            and kits.as_of < coalesce(bills.valid_to, timestamp '9999-12-31')
    inner join rests as components
        on
            kits.system = components.system
            and kits.place = components.place
            and kits.channel_id = components.channel_id
            and kits.quantity_kind = components.quantity_kind
            and kits.as_of = components.as_of
            and bills.component_sku = components.sku
    where
        sign(components.rest_quantity) = -sign(kits.rest_quantity)
        and abs(components.rest_quantity) >= abs(kits.rest_quantity * bills.component_quantity)
),

-- one place has too much by what another lacks
displaced as (
    select
        here.claim_id,
        there.claim_id as other_claim_id,
        'wrong_location' as cause,
        here.rest_quantity as quantity,
        there.rest_quantity as other_quantity,
        2 as pairing_rank
    from rests as here
    inner join rests as there
        on
            here.system = there.system
            and here.sku = there.sku
            and here.lot = there.lot
            and here.channel_id = there.channel_id
            and here.quantity_kind = there.quantity_kind
            and here.as_of = there.as_of
            and here.rest_quantity = -there.rest_quantity
            and here.place < there.place
    where here.quantity_kind != 'count' and here.place != '*'
),

paired as (
    {% for kind in ['mapped', 'kitted', 'displaced'] -%}
    select * from {{ kind }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

sided as (
    select
        claim_id,
        other_claim_id,
        cause,
        quantity,
        pairing_rank,
        count(*) over (partition by claim_id, cause) as candidate_count
    from paired
    union all
    select
        other_claim_id as claim_id,
        claim_id as other_claim_id,
        cause,
        other_quantity as quantity,
        pairing_rank,
        count(*) over (partition by other_claim_id, cause) as candidate_count
    from paired
),

-- more than one possible partner is said, not guessed away
judged as (
    select
        claim_id,
        cause,
        quantity,
        cast(0.8 / candidate_count as decimal(9, 4)) as confidence,
        [other_claim_id] as evidence,
        pairing_rank
    from sided
    union all
    select
        claim_id,
        cause,
        quantity,
        confidence,
        evidence,
        2 as pairing_rank
    from misbooked
    union all
    select
        claim_id,
        'wrong_item' as cause,
        quantity,
        confidence,
        evidence,
        3 as pairing_rank
    from confused
),

final as (
    select
        claim_id,
        cause,
        quantity,
        confidence,
        evidence
    from judged
    qualify
        row_number() over (
            partition by claim_id order by pairing_rank asc, confidence desc, evidence asc
        ) = 1
)

select * from final
