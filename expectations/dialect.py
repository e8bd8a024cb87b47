"""The SQLAlchemy dialect `duckdb+readonly`: duckdb-engine's without transactions.

Great Expectations closes a connection before it fetches from it, and a rollback at that moment
drops the result DuckDB is still streaming. Judging only reads, so there is nothing to roll back.
"""

from duckdb_engine import Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.pool import PoolProxiedConnection


class ReadOnlyDialect(Dialect):
    """duckdb-engine's dialect whose transactions begin, commit and roll back nothing."""

    driver = "readonly"
    supports_statement_cache = False

    def do_begin(self, connection: PoolProxiedConnection) -> None:
        """Begin nothing."""

    def do_commit(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Commit nothing."""

    def do_rollback(self, connection: PoolProxiedConnection) -> None:
        """Roll nothing back: that would drop the result."""


def register() -> None:
    """Make `duckdb+readonly://` known to SQLAlchemy."""
    registry.register("duckdb.readonly", ReadOnlyDialect.__module__, ReadOnlyDialect.__name__)
