"""A home with a clock that stands still, and short ways to land into it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.arrivals import LandedFile
from ingestion.landing.land import land_drop, land_paths
from ingestion.landing.load import LoadedBatch, load_batches
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"


@dataclass
class Home:
    """One home under test."""

    settings: Settings
    inbox: Path
    clock: Callable[[], datetime] = field(default=lambda: AT)

    def write(self, name: str, content: bytes | str) -> Path:
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self, *paths: Path, system: str | None = None) -> list[LandedFile]:
        return land_paths(self.settings, paths, system=system, now=self.clock)

    def land_text(self, name: str, content: bytes | str) -> LandedFile:
        return self.land(self.write(name, content))[0]

    def land_drop(self) -> list[LandedFile]:
        return land_drop(self.settings, self.clock)

    def load(self) -> list[LoadedBatch]:
        with open_warehouse(self.settings) as connection:
            return load_batches(connection, self.settings, self.clock)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with open_warehouse(self.settings) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return Home(Settings(home=tmp_path / "home", memory_limit="1GB", threads=2), inbox)


@pytest.fixture
def samples() -> Path:
    if not SAMPLES.is_dir():
        pytest.skip(f"the third-party samples are not at {SAMPLES}")
    return SAMPLES
