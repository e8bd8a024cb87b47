-- A total held against its parts, where one system claims both of the same stock at one instant.
with

claims as (
    select * from {{ ref('recon_variances') }}
    where count_id is null
),

scopes as (
    select
        quantity_kind,
        scope,
        list(state) as states
    from {{ ref('int_reconciliation__kinds') }}
    group by quantity_kind, scope
),

-- a kind is part of another one that counts all its states and more
contained as (
    select
        totals.quantity_kind as total_kind,
        parts.quantity_kind as part_kind,
        parts.scope,
        parts.states
    from scopes as totals
    inner join scopes as parts
        on
            totals.scope != parts.scope
            and list_has_all(totals.states, parts.states)
),

-- two kinds of one scope say the same twice
paired as (
    select
        totals.claim_id,
        parts.claim_id as part_claim_id,
        parts.claimed_quantity,
        parts.ledger_quantity,
        contained.states
    from claims as totals
    inner join contained on totals.quantity_kind = contained.total_kind
    inner join claims as parts
        on
            contained.part_kind = parts.quantity_kind
            and totals.system = parts.system
            and totals.as_of = parts.as_of
            and totals.sku = parts.sku
            and totals.location_id is not distinct from parts.location_id
            and totals.channel_id is not distinct from parts.channel_id
            and totals.lot_id is not distinct from parts.lot_id
    qualify
        row_number() over (
            partition by totals.claim_id, contained.scope
            order by contained.part_kind
        ) = 1
),

-- one part is no sum, and parts that count a state twice add up to nothing
added as (
    select
        claim_id,
        cast(sum(claimed_quantity) as bigint) as part_quantity,
        cast(sum(ledger_quantity) as bigint) as part_ledger_quantity,
        list_sort(list(part_claim_id)) as part_claim_ids
    from paired
    group by claim_id
    having
        count(*) > 1
        and sum(len(states)) = len(list_distinct(flatten(list(states))))
),

compared as (
    select
        claims.*,
        added.part_quantity,
        added.part_claim_ids,
        claims.claimed_quantity - added.part_quantity as difference_quantity,
        claims.ledger_quantity - added.part_ledger_quantity as ledger_rest_quantity
    from claims
    inner join added on claims.claim_id = added.claim_id
),

final as (
    select
        claim_id,
        system,
        location_id,
        channel_id,
        sku,
        lot_id,
        quantity_kind,
        claimed_quantity,
        part_quantity,
        difference_quantity,
        ledger_rest_quantity,
        part_claim_ids,
        -- nine of ten: a system whose parts are not meant to be all of its total never ties
        count(*) filter (where difference_quantity = 0) over of_system
        >= 0.9 * count(*) over of_system as is_usually_tied,
        as_of
    from compared
    window of_system as (partition by system, quantity_kind)
)

select * from final
