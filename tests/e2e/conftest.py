"""A real demo home, its control tower on a free loopback port, and a headless Chromium."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 60_000
TRUESTOCK = [sys.executable, "-c", "from dagster_project.cli import main; main()"]


def truestock(*words):
    """Runs the CLI to its end; its output is in the failure when it fails."""
    ended = subprocess.run([*TRUESTOCK, *words], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"truestock {' '.join(words)}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


@dataclass(frozen=True)
class Tower:
    """A running control tower."""

    url: str
    home: Path

    def run_pipeline(self):
        truestock("run", "--home", str(self.home))


@pytest.fixture(scope="session")
def tower_home(demo_home, tmp_path_factory):
    """A demo home of the tower's own: its tests write."""
    return Path(shutil.copytree(demo_home.root, tmp_path_factory.mktemp("tower") / "home"))


@pytest.fixture(scope="session")
def tower(tower_home):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    words = ["serve", "--home", str(tower_home), "--port", str(port)]
    process = subprocess.Popen([*TRUESTOCK, *words])
    try:
        wait_until_up(url, process)
        yield Tower(url, tower_home)
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_up(url, process):
    for _ in range(600):
        assert process.poll() is None, "truestock serve ended before it answered"
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:  # noqa: S310
                assert answer.status == 200
                return
        except URLError:
            time.sleep(0.1)
    pytest.fail(f"the control tower did not answer at {url} within a minute")


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser):
    """Opens a new session of the tower; `foreign` collects requests that left this machine."""
    opened = []

    def open_(url, *, width=1920, foreign=None):
        page = browser.new_page(viewport={"width": width, "height": 1200})
        page.set_default_timeout(PATIENCE_MS)
        opened.append(page)
        if foreign is not None:
            origin = url.split("/", 3)[2]
            page.on(
                "request",
                lambda request: (
                    None
                    if origin in request.url or request.url.startswith(("data:", "blob:"))
                    else foreign.append(request.url)
                ),
            )
        page.goto(url)
        page.get_by_role("heading", level=1).wait_for()
        return page

    yield open_
    for page in opened:
        page.close()
