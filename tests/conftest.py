"""One real demo home per test session, made by the command a newcomer types."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.settings import Settings

TRUESTOCK = str(Path(sys.executable).with_name("truestock"))


TESTS = Path(__file__).parent
# the longest, so that none of them is the last; of the first three one makes the demo home and no
# other needs it: no worker waits
FIRST = [
    TESTS / path
    for path in (
        "integration/pipeline/test_exceptions.py",
        "e2e/test_tower.py",
        "integration/ledger/test_units.py",
        "integration/truths/test_arrival_and_rebuild.py",
        "integration/pipeline/test_readme.py",
        "e2e/test_worklists.py",
        "unit/synthetic/test_files.py",
        "unit/app/test_forms.py",
    )
]


def pytest_collection_modifyitems(items):
    """Start the files in FIRST before all others; a worker takes a file whole."""
    items.sort(key=lambda item: FIRST.index(item.path) if item.path in FIRST else len(FIRST))


def home_settings(home) -> Settings:
    return Settings.model_validate({"home": home})


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """Makes a home once for all parallel workers: the first to ask makes it, the others wait."""
    session = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        session = session.parent

    def home_of(name: str, make: Callable[[Path], None]) -> Settings:
        home, made = session / name / "home", session / name / "made"
        home.parent.mkdir(exist_ok=True)
        with (session / name / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                make(home)
                made.touch()
        return home_settings(home)

    return home_of


@pytest.fixture(scope="session")
def demo_home(shared) -> Settings:
    """A home in which the small demo has run once. Read it only; `demo_copy` may be written."""
    return shared("demo", make_demo)


def make_demo(home: Path) -> None:
    command = [TRUESTOCK, "demo", "--scale", "small", "--no-serve", "--home", str(home)]
    command += ["--end-at", "2026-03-01"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    (home / "logs" / "demo.out").write_text(done.stdout)


@pytest.fixture
def demo_copy(demo_home, tmp_path) -> Settings:
    """A copy of the demo home of one's own."""
    return home_settings(shutil.copytree(demo_home.root, tmp_path / "home"))
