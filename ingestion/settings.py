"""Every path and knob of one Truestock home; the only module that reads the environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DbtSettings(BaseSettings):
    """What dbt is told by whoever starts it: the warehouse that it builds."""

    model_config = SettingsConfigDict(env_prefix="TRUESTOCK_", frozen=True)

    warehouse: Path = Path(".truestock/warehouse.duckdb")


class Settings(BaseSettings):
    """The knobs of one home, from TRUESTOCK_* variables or keyword arguments.

    A home holds everything a Truestock installation owns; deleting it removes every trace. Paths
    are derived, never configured one by one, so that a home can be copied or backed up whole.
    """

    model_config = SettingsConfigDict(env_prefix="TRUESTOCK_", frozen=True)

    home: Path = Path(".truestock")
    memory_limit: str = Field(
        default="4GB", description="DuckDB's memory limit while the pipeline writes"
    )
    threads: int = Field(default=0, ge=0, description="DuckDB threads; 0 takes every core")
    keep_generations: int = Field(
        default=5, ge=2, description="published generations kept for readers"
    )
    command_log_url: str = Field(
        default="", description="SQLAlchemy URL; empty means SQLite in the home"
    )
    alert_urls: str = Field(
        default="",
        repr=False,
        description="apprise addresses that alerts are sent to, separated by spaces; "
        "needs the extra `alerts`",
    )
    tower_host: str = "127.0.0.1"
    tower_port: int = Field(default=8501, ge=1, le=65535)
    dagster_port: int = Field(default=3000, ge=1, le=65535)
    max_file_bytes: int = Field(
        default=20 * 2**30, description="a larger file is quarantined unread"
    )
    max_record_bytes: int = Field(default=2**20, description="a longer record is quarantined")

    @property
    def root(self) -> Path:
        """The home as an absolute path."""
        return self.home.expanduser().resolve()

    @property
    def drop(self) -> Path:
        """Where source systems leave files: drop/<system>/…"""
        return self.root / "drop"

    @property
    def archive(self) -> Path:
        """Original bytes of every registered file, by content hash."""
        return self.root / "archive"

    @property
    def batches(self) -> Path:
        """Immutable Parquet batches with their manifests."""
        return self.root / "batches"

    @property
    def user_sources(self) -> Path:
        """The user's own source folders, beside the built-in ones."""
        return self.root / "sources"

    @property
    def warehouse(self) -> Path:
        """The pipeline's DuckDB file; no reader opens it."""
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """Published generations: published/<n>/ and the pointer CURRENT."""
        return self.root / "published"

    @property
    def outbox(self) -> Path:
        """Decisions for other systems to carry out, as files."""
        return self.root / "outbox"

    @property
    def dagster_home(self) -> Path:
        """DAGSTER_HOME: run history and schedules."""
        return self.root / "dagster"

    @property
    def logs(self) -> Path:
        """Log files of the services and of dbt."""
        return self.root / "logs"

    @property
    def alert_log(self) -> Path:
        """Every alert ever raised, one JSON object a line; also those no generation holds yet."""
        return self.root / "alerts.ndjson"

    @property
    def command_log(self) -> str:
        """SQLAlchemy URL of the command log."""
        return self.command_log_url or f"sqlite:///{self.root / 'commands.sqlite'}"
