"""The long-running services, and one supervisor that ends them together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from types import FrameType

from ingestion.settings import Settings

PATIENCE_SECONDS = 15


class ServiceError(RuntimeError):
    """A service cannot start or ended by itself."""


@dataclass(frozen=True)
class Service:
    """One process to run: its command, what it reads from the environment, where it logs."""

    name: str
    url: str
    command: tuple[str, ...]
    log: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])


def tower(settings: Settings, port: int) -> Service:
    """Return the control tower. It has no sign-in yet, so it answers this machine only.

    Raises ServiceError for any other address, and for a port that is taken.
    """
    host = settings.tower_host
    if host != "localhost" and not ip_address(host).is_loopback:
        raise ServiceError(
            f"The control tower has no sign-in, so it does not listen on {host}. "
            "Unset TRUESTOCK_TOWER_HOST, and reach it through an SSH tunnel from elsewhere."
        )
    _require_free(host, port, "the control tower", "truestock serve --port N")
    script = _folder_of("app") / "streamlit_app.py"
    arguments = ("--server.address", host, "--server.port", str(port), "--server.headless", "true")
    return Service(
        "Control tower",
        f"http://{host}:{port}",
        (sys.executable, "-m", "streamlit", "run", str(script), *arguments),
        settings.logs / "tower.log",
        _variables(settings),
    )


def dagster(settings: Settings) -> Service:
    """Return Dagster's daemon and UI, as one process tree over our definitions."""
    port = settings.dagster_port
    _require_free("127.0.0.1", port, "Dagster's UI", "TRUESTOCK_DAGSTER_PORT=N truestock up")
    executable = str(Path(sys.executable).with_name("dagster"))
    arguments = ("-m", "dagster_project.definitions", "-h", "127.0.0.1", "-p", str(port))
    return Service(
        "Dagster",
        f"http://127.0.0.1:{port}",
        (executable, "dev", *arguments),
        settings.logs / "dagster.log",
        _variables(settings),
    )


def supervise(services: Sequence[Service]) -> None:
    """Run the services until Ctrl-C or SIGTERM, then end them all.

    Raises ServiceError when one ends by itself; the others are ended first.
    """
    running: list[tuple[Service, subprocess.Popen[bytes]]] = []
    with _ending_on_signals():
        try:
            running.extend((service, _start(service)) for service in services)
            _wait(running)
        except KeyboardInterrupt:
            pass
        finally:
            _end([process for _, process in running])


def _start(service: Service) -> subprocess.Popen[bytes]:
    service.log.parent.mkdir(parents=True, exist_ok=True)
    with service.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - the commands are our own
            service.command,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | service.variables,
            start_new_session=True,
        )


def _wait(running: Sequence[tuple[Service, subprocess.Popen[bytes]]]) -> None:
    while True:
        for service, process in running:
            if process.poll() is not None:
                raise ServiceError(
                    f"{service.name} ended by itself with code {process.returncode}. "
                    f"Its last words are in {service.log}."
                )
        time.sleep(0.3)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the service's whole process group, so that no grandchild outlives it."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


@contextmanager
def _ending_on_signals() -> Generator[None]:
    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    earlier = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _require_free(host: str, port: int, name: str, advice: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServiceError(
                f"Port {port}, where {name} would answer, is not free ({error.strerror}). "
                f"End what uses it, or choose another: {advice}."
            ) from error


def _variables(settings: Settings) -> dict[str, str]:
    return {
        "TRUESTOCK_HOME": str(settings.root),
        "DAGSTER_HOME": str(settings.dagster_home),
        "DO_NOT_TRACK": "1",
    }


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ServiceError(f"The package {package!r} is not installed. Run `make setup`.")
    return Path(spec.origin).parent
