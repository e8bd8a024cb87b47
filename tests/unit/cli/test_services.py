import signal
import socket
import subprocess
import sys
import time

import pytest

from dagster_project.lib.services import Service, ServiceError, supervise, tower
from ingestion.settings import Settings

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")


@pytest.fixture
def settings(tmp_path):
    return Settings.model_validate({"home": tmp_path})


def service(settings, name, *command):
    return Service(name, "http://127.0.0.1", command or SLEEPER, settings.logs / f"{name}.log")


def test_the_tower_answers_this_machine_only(tmp_path):
    open_to_all = Settings.model_validate({"home": tmp_path, "tower_host": "192.0.2.7"})
    with pytest.raises(ServiceError, match="no sign-in"):
        tower(open_to_all, 8501)


def test_a_taken_port_is_named_with_a_way_out(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError, match=f"Port {port}.*truestock serve --port"):
            tower(settings, port)


def test_a_service_that_ends_by_itself_ends_the_others_and_names_its_log(settings):
    quitter = service(settings, "quitter", sys.executable, "-c", "raise SystemExit(3)")
    with pytest.raises(ServiceError, match=r"quitter ended by itself with code 3.*quitter\.log"):
        supervise([service(settings, "sleeper"), quitter])


def test_a_stop_signal_ends_every_service(settings):
    code = f"""
from pathlib import Path
from dagster_project.lib.services import Service, supervise
command = {SLEEPER!r}
supervise([Service(name, "", command, Path({str(settings.logs)!r}) / name) for name in "ab"])
print("ended")
"""
    supervisor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    while not (settings.logs / "b").exists():
        time.sleep(0.05)
    supervisor.send_signal(signal.SIGTERM)
    said, _ = supervisor.communicate()
    assert said == "ended\n"
    assert supervisor.returncode == 0
