"""Processes that are killed with SIGKILL at a chosen moment of their work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


class Victim:
    """A script in its own process group that says `ready` before its work begins."""

    def __init__(self, script: str, *words: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, script, *map(str, words)],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        self.started_at = time.monotonic()

    def kill_after(self, seconds: float) -> list[str]:
        """Kill the whole group; returns what it had said by then, whole lines only."""
        time.sleep(max(0.0, self.started_at + seconds - time.monotonic()))
        os.killpg(self.process.pid, signal.SIGKILL)
        return [line[:-1] for line in self.process.communicate()[0].splitlines(keepends=True)
                if line.endswith("\n")]  # fmt: skip

    def finish(self) -> float:
        """Let it work to its end; returns the seconds that took."""
        assert self.process.wait(timeout=300) == 0
        self.process.stdout.close()
        return time.monotonic() - self.started_at


@pytest.fixture
def victim():
    return Victim


@pytest.fixture
def tiny_disk():
    """Mounts a tmpfs of a given size at a folder; `(folder, "64m")` again resizes it."""
    mounted: list[Path] = []

    def give(folder: Path, size: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        again = ["-o", f"remount,size={size}"] if folder in mounted else ["-o", f"size={size}"]
        command = ["mount", "-t", "tmpfs", *again, "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("a full disk needs `mount`")
        if done.returncode:
            pytest.skip(f"a full disk needs the right to mount: {done.stderr.strip()}")
        mounted.append(folder)

    yield give
    for folder in set(mounted):
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
