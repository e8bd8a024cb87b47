"""The command log: one append-only table whose rules the database itself enforces."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DECISION = "command_type in ('approve', 'reject')"

NEXT_SEQUENCE = "new.sequence <> (select coalesce(max(sequence), 0) + 1 from command_log)"
CHAINED = (
    "new.previous_hash <> coalesce((select hash from command_log "
    f"where sequence = new.sequence - 1), '{'0' * 64}')"
)
UNIQUE_ID = "exists (select 1 from command_log where command_id = new.command_id)"
WAITING_TARGET = (
    f"new.{DECISION} and not exists (select 1 from command_log as target "
    "where target.command_id = new.target_id and target.needs_approval "
    "and target.command_type not in ('approve', 'reject'))"
)
FOUR_EYES = (
    "new.command_type = 'approve' and exists (select 1 from command_log as target "
    "where target.command_id = new.target_id "
    "and lower(trim(target.actor)) = lower(trim(new.actor)))"
)
DECIDED_ONCE = (
    f"new.{DECISION} and exists (select 1 from command_log as earlier "
    "where earlier.target_id = new.target_id)"
)
RULES = (
    (NEXT_SEQUENCE, "command_log: the sequence must be the next one"),
    (CHAINED, "command_log: previous_hash must be the hash of the entry before"),
    (UNIQUE_ID, "command_log: the command_id is taken"),
    (WAITING_TARGET, "command_log: a decision needs a command that waits for approval"),
    (FOUR_EYES, "command_log: nobody approves their own command"),
    (DECIDED_ONCE, "command_log: the command is decided already"),
)
"""Each condition says that an insert breaks a rule; the message is the database's refusal."""


def upgrade() -> None:
    """Create the table, its constraints and its triggers."""
    _create_table()
    op.create_index("command_log_subject", "command_log", ["subject", "submitted_at"])
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def downgrade() -> None:
    """Refuse: an audit log has no way back."""
    raise NotImplementedError("The command log cannot be removed by a migration; keep a backup.")


def _create_table() -> None:
    json_target = (
        "json_extract(payload, '$.command_id')"
        if op.get_bind().dialect.name == "sqlite"
        else "payload::json ->> 'command_id'"
    )
    op.create_table(
        "command_log",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("command_id", sa.Text, nullable=False, unique=True),
        sa.Column("command_type", sa.Text, nullable=False),
        sa.Column("target_id", sa.Text, sa.ForeignKey("command_log.command_id"), unique=True),
        sa.Column("subject", sa.Text),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, sa.CheckConstraint("trim(actor) <> ''"), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("submitted_at", sa.Text, nullable=False),
        sa.Column("needs_approval", sa.Boolean(create_constraint=True), nullable=False),
        sa.Column("previous_hash", sa.Text, nullable=False, unique=True),
        sa.Column("hash", sa.Text, sa.CheckConstraint("length(hash) = 64"), nullable=False),
        sa.CheckConstraint("sequence > 0", name="sequence_starts_at_1"),
        sa.CheckConstraint(f"({DECISION}) = (target_id is not null)", name="decision_has_target"),
        sa.CheckConstraint(
            f"target_id is null or target_id = {json_target}", name="target_is_the_payloads"
        ),
        sa.CheckConstraint(f"not ({DECISION} and needs_approval)", name="decision_is_final"),
        sa.UniqueConstraint("hash"),
    )


def _guard_sqlite() -> None:
    for action in ("update", "delete"):
        op.execute(
            f"create trigger command_log_no_{action} before {action} on command_log "
            "begin select raise(abort, 'command_log: entries are never changed or removed'); end"
        )
    checks = " ".join(
        f"select raise(abort, '{message}') where {broken};" for broken, message in RULES
    )
    op.execute(f"create trigger command_log_rules before insert on command_log begin {checks} end")


def _guard_postgresql() -> None:
    op.execute(
        "create function command_log_refuse() returns trigger language plpgsql as $$ begin "
        "raise exception 'command_log: entries are never changed or removed'; end $$"
    )
    op.execute(
        "create trigger command_log_append_only before update or delete or truncate "
        "on command_log for each statement execute function command_log_refuse()"
    )
    checks = " ".join(
        f"if {broken} then raise exception '{message}'; end if;" for broken, message in RULES
    )
    op.execute(
        "create function command_log_check() returns trigger language plpgsql as "
        f"$$ begin {checks} return new; end $$"
    )
    op.execute(
        "create trigger command_log_rules before insert on command_log "
        "for each row execute function command_log_check()"
    )
