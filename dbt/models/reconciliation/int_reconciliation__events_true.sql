-- Every owned event under each key by which another system may tell of it: as the same event, and
-- as a posting of the stock it changed.
with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where not is_told_twice
),

-- goods put away without an order came with a transfer where one arrived
transferred as (
    select distinct
        sku,
        to_location_id as location_id
    from {{ ref('int_ledger__events_owned') }}
    where event_name = 'transfers.received'
),

grouped as (
    select
        owned.*,
        {{ evidence_id('owned.source_system', 'owned.event_name', 'owned.source_event_key') }}
            as evidence_id,
        coalesce(lower(owned.reason) = 'opening', false) as is_opening,
        case
            when
                owned.event_name like 'transfers.%'
                or (
                    owned.event_name = 'receipts.put_away'
                    and owned.po_id is null
                    and transferred.sku is not null
                )
                then 'missing_transfer'
            when owned.event_name like 'receipts.%' then 'missing_receipt'
            when owned.event_name like 'returns.%' then 'missing_return'
            when owned.event_name like 'fulfilment_events.%' then 'missing_shipment'
            -- sellable here and not there: a change of condition, not of quantity
            when owned.from_state is not null and owned.to_state is not null
                then 'condition_mismatch'
            else 'missing_adjustment'
        end as missing_cause
    from owned
    -- left: most SKUs are never transferred
    left join transferred
        on owned.sku = transferred.sku and owned.location_id = transferred.location_id
),

told as (
    select * from {{ ref('int_reconciliation__events_told') }}
),

-- finance tells in postings, all others in events
tellers as (
    select
        system,
        2 * count(*) filter (where event_class like 'postings.%') > count(*) as is_bookkeeper
    from told
    group by system
),

told_classes as (
    select distinct
        system,
        event_class
    from told
),

-- what a system never tells of it may know all the same, where it would show in its claims
claimed as (
    select distinct
        claims.system,
        claims.location_id,
        kinds.scope
    from {{ ref('fct_stock_claims') }} as claims
    inner join {{ ref('int_reconciliation__kinds') }} as kinds
        on claims.quantity_kind = kinds.quantity_kind
    semi join told_classes on claims.system = told_classes.system
    where claims.quantity_kind != 'count'
),

named as (
    select distinct
        system,
        match_key,
        sku
    from told
    where event_class = 'postings.adjustment' and has_reference
),

keyed as (
    select
        event_id,
        case
            when event_name = 'commands.record_adjustment' then 'adjustments.adjusted'
            else event_name
        end as event_class,
        case
            when event_name in ('adjustments.adjusted', 'commands.record_adjustment')
                then 'adjustments.adjusted'
            else
                concat_ws(
                    '|',
                    event_name,
                    coalesce(return_id, transfer_id, po_id, order_id),
                    coalesce(po_line_id, order_line_id)
                )
        end as match_key,
        coalesce(return_id, transfer_id, po_id, order_id) is not null as has_reference,
        missing_cause,
        is_opening,
        sku,
        location_id,
        lot_id,
        quantity,
        return_id,
        evidence_id,
        occurred_at,
        recorded_at,
        source_system
    from grouped
),

-- a posting says how the stock in the books changed, so that is what it is compared with
booked as (
    select
        effects.event_id,
        effects.sku,
        cast(sum(effects.quantity) as bigint) as quantity
    from {{ ref('int_reconciliation__effects') }} as effects
    semi join {{ ref('int_reconciliation__kinds') }} as kinds
        on effects.scope = kinds.scope and kinds.quantity_kind = 'booked'
    group by effects.event_id, effects.sku
),

postable as (
    select
        owned.event_id,
        case owned.event_name
            when 'receipts.received' then 'postings.receipt'
            when 'receipts.rejected' then 'postings.receipt'
            when 'fulfilment_events.shipped' then 'postings.shipment'
            when 'returns.received' then 'postings.return'
            when 'returns.scrapped' then 'postings.return_scrap'
            when 'adjustments.adjusted' then 'postings.adjustment'
            when 'commands.record_adjustment' then 'postings.adjustment'
            when 'transfers.shipped' then 'postings.transfer_shipped'
            when 'transfers.received' then 'postings.transfer_received'
        end as event_class,
        coalesce(owned.return_id, owned.transfer_id, owned.po_id, owned.order_id) as reference_id,
        owned.missing_cause,
        owned.is_opening,
        owned.sku,
        booked.quantity,
        owned.return_id,
        owned.source_event_key,
        owned.evidence_id,
        owned.occurred_at,
        owned.recorded_at
    from grouped as owned
    inner join booked on owned.event_id = booked.event_id and owned.sku = booked.sku
),

telling as (
    select
        told_classes.system,
        keyed.* exclude (source_system)
    from keyed
    inner join told_classes on keyed.event_class = told_classes.event_class
    where keyed.source_system != told_classes.system
    union all
    select
        told_classes.system,
        postable.event_id,
        postable.event_class,
        case
            when postable.event_class = 'postings.adjustment'
                then coalesce(named.match_key, 'postings.adjustment')
            else concat_ws('|', postable.event_class, postable.reference_id)
        end as match_key,
        postable.event_class != 'postings.adjustment' or named.match_key is not null
            as has_reference,
        postable.missing_cause,
        postable.is_opening,
        postable.sku,
        cast(null as varchar) as location_id,
        cast(null as varchar) as lot_id,
        postable.quantity,
        postable.return_id,
        postable.evidence_id,
        postable.occurred_at,
        postable.recorded_at
    from postable
    inner join told_classes on postable.event_class = told_classes.event_class
    -- left: most adjustments are posted under a number of the books' own
    left join named
        on
            postable.event_class = 'postings.adjustment'
            and told_classes.system = named.system
            and concat_ws('|', 'postings.adjustment', postable.source_event_key) = named.match_key
            and postable.sku = named.sku
),

silent as (
    select
        tellers.system,
        keyed.* exclude (source_system)
    from keyed
    inner join tellers on keyed.source_system != tellers.system and not tellers.is_bookkeeper
    anti join told_classes
        on tellers.system = told_classes.system and keyed.event_class = told_classes.event_class
    where
        exists (
            select 1
            from {{ ref('int_reconciliation__effects') }} as effects
            inner join claimed on effects.scope = claimed.scope
            where
                effects.event_id = keyed.event_id
                and effects.sku = keyed.sku
                and claimed.system = tellers.system
                and coalesce(claimed.location_id = effects.location_id, true)
        )
    union all
    select
        tellers.system,
        postable.event_id,
        postable.event_class,
        postable.event_class as match_key,
        postable.event_class != 'postings.adjustment' as has_reference,
        postable.missing_cause,
        postable.is_opening,
        postable.sku,
        cast(null as varchar) as location_id,
        cast(null as varchar) as lot_id,
        postable.quantity,
        postable.return_id,
        postable.evidence_id,
        postable.occurred_at,
        postable.recorded_at
    from postable
    inner join tellers on tellers.is_bookkeeper
    anti join told_classes
        on tellers.system = told_classes.system and postable.event_class = told_classes.event_class
    where postable.event_class is not null
),

final as (
    select
        *,
        true as is_class_told
    from telling
    union all
    select
        *,
        false as is_class_told
    from silent
)

select * from final
