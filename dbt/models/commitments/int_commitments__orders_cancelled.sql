-- A cancellation holds from the instant it was first told for until a revision takes it back.
with

revisions as (
    select * from {{ ref('stg_landing__order_revisions') }}
),

followed as (
    select
        *,
        lag(cancelled_at) over told_in_order as cancelled_before_at,
        -- a cancellation taken back and told again is a new one
        case
            when count(cancelled_at) over told_in_order > 1
                then greatest(cancelled_at, lag(recorded_at) over told_in_order)
            else cancelled_at
        end as cancelled_from,
        min(case when cancelled_at is null then recorded_at end) over (
            partition by order_id
            order by statement_number desc
            rows between 1 following and unbounded following
        ) as taken_back_at
    from revisions
    window told_in_order as (partition by order_id order by statement_number desc)
),

final as (
    select
        order_id,
        cancelled_from,
        taken_back_at as cancelled_until
    from followed
    where
        cancelled_at is not null
        and cancelled_before_at is null
        and coalesce(taken_back_at > cancelled_from, true)
)

select * from final
