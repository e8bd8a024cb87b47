-- Every event that a system which also claims stock told of, keyed by the business reference that
-- the owner's event carries too. Finance tells in postings: by document, without a place.
with

echoes as (
    select * from {{ ref('int_ledger__echoes') }}
),

postings as (
    select * from {{ ref('stg_landing__postings') }}
),

renamed as (
    select * from {{ ref('int_reconciliation__events_renamed') }}
),

claimants as (
    select distinct system from {{ ref('fct_stock_claims') }}
),

-- adjustments have no number that systems share, but books may name the owner's own key
adjusted as (
    select distinct
        source_event_key,
        sku
    from {{ ref('int_ledger__events_owned') }}
    where event_name in ('adjustments.adjusted', 'commands.record_adjustment')
),

echoed as (
    select
        echoes.source_system as system,
        echoes.event_id as told_id,
        echoes.event_name as event_class,
        case
            when echoes.event_name in ('adjustments.adjusted', 'commands.record_adjustment')
                then 'adjustments.adjusted'
            else
                concat_ws(
                    '|',
                    echoes.event_name,
                    coalesce(
                        echoes.return_id, echoes.transfer_id, echoes.po_id, echoes.order_id
                    ),
                    coalesce(echoes.po_line_id, echoes.order_line_id)
                )
        end as match_key,
        coalesce(
            echoes.return_id, echoes.transfer_id, echoes.po_id, echoes.order_id
        ) is not null as has_reference,
        true as is_known_sku,
        echoes.sku,
        echoes.told_sku,
        echoes.location_id,
        echoes.lot_id,
        echoes.from_state,
        echoes.to_state,
        echoes.quantity,
        echoes.return_id,
        {{ evidence_id('echoes.source_system', 'echoes.event_name', 'echoes.source_event_key') }}
            as evidence_id,
        echoes.occurred_at,
        echoes.recorded_at
    from echoes
    semi join claimants on echoes.source_system = claimants.system
),

posted as (
    select
        postings.source_system as system,
        md5(concat_ws('|', 'postings', postings.source_system, postings.source_event_key))
            as told_id,
        'postings.' || postings.reference_type as event_class,
        case
            when postings.reference_type != 'adjustment' or adjusted.sku is not null
                then concat_ws('|', 'postings.' || postings.reference_type, postings.reference_id)
            else 'postings.adjustment'
        end as match_key,
        postings.reference_type != 'adjustment' or adjusted.sku is not null as has_reference,
        true as is_known_sku,
        postings.sku,
        postings.sku as told_sku,
        cast(null as varchar) as location_id,
        cast(null as varchar) as lot_id,
        cast(null as varchar) as from_state,
        cast(null as varchar) as to_state,
        postings.quantity,
        case
            when postings.reference_type in ('return', 'return_scrap') then postings.reference_id
        end as return_id,
        {{ evidence_id(
            'postings.source_system', "'postings.' || postings.reference_type",
            'postings.source_event_key',
        ) }} as evidence_id,
        postings.posted_at as occurred_at,
        postings.recorded_at
    from postings
    semi join claimants on postings.source_system = claimants.system
    -- left: most adjustments are posted under a number of the books' own
    left join adjusted
        on
            postings.reference_type = 'adjustment'
            and postings.reference_id = adjusted.source_event_key
            and postings.sku = adjusted.sku
    where postings.quantity != 0
),

misnamed as (
    select
        renamed.system,
        renamed.told_id,
        renamed.event_class,
        case
            when renamed.event_class in ('adjustments.adjusted', 'postings.adjustment')
                then renamed.event_class
            else
                concat_ws(
                    '|', renamed.event_class, renamed.reference_id, renamed.reference_line_id
                )
        end as match_key,
        renamed.reference_id is not null and renamed.event_class != 'postings.adjustment'
            as has_reference,
        false as is_known_sku,
        renamed.sku,
        renamed.sku as told_sku,
        renamed.location_id,
        renamed.lot_id,
        cast(null as varchar) as from_state,
        cast(null as varchar) as to_state,
        renamed.quantity,
        case
            when renamed.event_class like 'returns.%' or renamed.event_class like 'postings.return%'
                then renamed.reference_id
        end as return_id,
        {{ evidence_id('renamed.system', 'renamed.event_class', 'renamed.source_event_key') }}
            as evidence_id,
        renamed.occurred_at,
        renamed.recorded_at
    from renamed
    semi join claimants on renamed.system = claimants.system
),

final as (
    select * from echoed
    union all
    select * from posted
    union all
    select * from misnamed
)

select * from final
