"""The database of the command log: its one table, its connections, its schema version."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from ingestion.commands.errors import CommandLogUnavailableError

REVISION = "0001"
"""The newest migration, so that an up-to-date log opens without Alembic."""

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK_KEY = 7_478_503
BUSY_MILLISECONDS = 60_000
WRITING = {"writing": True}

COMMAND_LOG = sa.Table(
    "command_log",
    sa.MetaData(),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("command_id", sa.Text, nullable=False),
    sa.Column("command_type", sa.Text, nullable=False),
    sa.Column("target_id", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("submitted_at", sa.Text, nullable=False),
    sa.Column("needs_approval", sa.Boolean, nullable=False),
    sa.Column("previous_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)


class Store:
    """Connections to one command log, with the settings that make a commit durable."""

    def __init__(self, url: str) -> None:
        self._url = sa.make_url(url)
        if self._url.drivername == "postgresql":
            self._url = self._url.set(drivername="postgresql+psycopg")
        self._engine = sa.create_engine(self._url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _configure_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)

    @contextmanager
    def reading(self) -> Generator[sa.Connection]:
        """A transaction that sees one consistent state of the log."""
        with self._transaction({}) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[sa.Connection]:
        """A transaction that is the log's only writer until it ends."""
        with self._transaction(WRITING) as connection:
            _lock(connection)
            yield connection

    @contextmanager
    def _transaction(self, options: dict[str, bool]) -> Generator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                connection.execution_options(**options)
                with connection.begin():
                    yield connection
        except DBAPIError as error:
            raise CommandLogUnavailableError(
                f"The command log {self._url.render_as_string(hide_password=True)} did not accept "
                f"the statement: {error.orig}. Nothing was written; check that its disk has room "
                "and can be written and that the database runs, then try again; a command that was "
                "being submitted keeps its id."
            ) from error

    def migrate(self) -> None:
        """Bring the log's schema to REVISION; cheap when it is there already."""
        if self._url.database and self._engine.dialect.name == "sqlite":
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        with self.reading() as connection:
            if _revision(connection) == REVISION:
                return
        with self.writing() as connection:
            if _revision(connection) != REVISION:
                _upgrade(connection)

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()


def _configure_sqlite(connection: sqlite3.Connection, _pool_entry: object) -> None:
    connection.isolation_level = None
    connection.execute(f"pragma busy_timeout = {BUSY_MILLISECONDS}")
    if connection.execute("pragma journal_mode").fetchone() != ("wal",):
        connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma recursive_triggers = on")


def _begin_sqlite(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("begin immediate" if writing else "begin")


def _lock(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_KEY)))


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(sa.text("select version_num from alembic_version"))


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a slow import that an up-to-date log never needs
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, REVISION)
