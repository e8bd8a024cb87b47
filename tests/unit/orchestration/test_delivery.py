"""Delivery through the real library to a real server on loopback."""

import json
import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from structlog.testing import capture_logs

from dagster_project.lib.alerts import Alert, raise_alert, raised_alerts
from ingestion.contracts.vocabulary import Severity
from ingestion.settings import Settings

ALERT = Alert(
    Severity.WARNING, "3 new exceptions", "short receipt: 3", "Open Exceptions.",
    datetime(2026, 3, 1, 12, tzinfo=UTC),
)  # fmt: skip


@pytest.fixture
def chat():
    """A chat's webhook: where it listens, and what it was told."""
    told = []

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Webhook)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", told
    server.shutdown()
    server.server_close()


@pytest.fixture
def raise_to(tmp_path):
    """Raises the alert in a home with these addresses; returns what was logged about delivery."""
    home = tmp_path / "home"

    def raise_(urls):
        with capture_logs() as lines:
            raise_alert(Settings(home=home, alert_urls=urls), ALERT)
        assert raised_alerts(Settings(home=home)) == [ALERT]
        return [line for line in lines if "not delivered" in line["event"]]

    return raise_


def test_an_alert_reaches_its_address_with_what_to_do(raise_to, chat):
    address, told = chat
    assert raise_to(f"json://{address}/hook") == []
    (message,) = told
    assert message["title"] == "Truestock: 3 new exceptions"
    assert message["message"] == "short receipt: 3\n\nNext: Open Exceptions."
    assert message["type"] == "warning"


def test_without_an_address_nothing_is_sent_or_missed(raise_to):
    assert raise_to("") == []


@pytest.mark.parametrize("broken", ["json://127.0.0.1:9/secret", "no-such-service://secret"])
def test_an_address_that_fails_is_logged_without_its_secret_and_the_others_are_told(
    raise_to, chat, broken
):
    address, told = chat
    (line,) = raise_to(f"{broken} json://{address}/hook")
    assert "TRUESTOCK_ALERT_URLS" in line["next_step"]
    assert "secret" not in str(line)
    assert len(told) == 1


def test_without_the_library_the_log_says_what_to_install(raise_to, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    (line,) = raise_to("json://127.0.0.1:9/hook")
    assert "truestock[alerts]" in line["next_step"]


def test_addresses_are_no_part_of_what_settings_print():
    assert "secret" not in repr(Settings(alert_urls="json://secret@host"))
