"""The home as Dagster sees it: a resource, and the instance's own settings."""

from collections.abc import Callable
from datetime import UTC, datetime

import dagster as dg

from ingestion.settings import Settings

DAGSTER_YAML = """\
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 1
  runs:
    max_concurrent_runs: 1
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 30
  max_runtime_seconds: 7200
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false
"""


class Home(dg.ConfigurableResource):  # pyright: ignore[reportMissingTypeArgument]
    """The home a run works on; empty means TRUESTOCK_HOME or the default."""

    path: str = ""

    @property
    def settings(self) -> Settings:
        """The settings of that home."""
        return Settings(home=self.path) if self.path else Settings()  # pyright: ignore[reportArgumentType]

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock."""
        return lambda: datetime.now(UTC)


def prepare_instance(settings: Settings) -> None:
    """Write dagster.yaml into DAGSTER_HOME: one writer, monitored runs, nothing phoned home."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    (settings.dagster_home / "dagster.yaml").write_text(DAGSTER_YAML)
