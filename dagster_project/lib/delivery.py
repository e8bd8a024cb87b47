"""Alerts by mail, chat or webhook, where the home names an address; never in a run's way."""

import logging

import structlog

from ingestion.contracts.vocabulary import Severity
from ingestion.settings import Settings

NOTIFY_TYPES = {
    Severity.BLOCKING: "failure",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
}


def deliver(settings: Settings, severity: Severity, title: str, text: str) -> bool:
    """Send an alert to every address in TRUESTOCK_ALERT_URLS; returns whether all took it.

    Never raises: the alert is in the home's log already. What went wrong is logged without the
    addresses, for they hold passwords.
    """
    if not settings.alert_urls:
        return True
    try:
        is_delivered = _notify(settings.alert_urls, severity, title, text)
    except ImportError:
        return _failed(title, "Install the extra: pip install 'truestock[alerts]'.")
    except Exception:  # noqa: BLE001 - a plugin for a hundred services may raise anything
        return _failed(title, "An address in TRUESTOCK_ALERT_URLS broke; try it with apprise.")
    return is_delivered or _failed(
        title, "Look whether each address in TRUESTOCK_ALERT_URLS is right and answers."
    )


def _notify(urls: str, severity: Severity, title: str, text: str) -> bool:
    import apprise  # noqa: PLC0415 - an extra, and slow to import

    logging.getLogger("apprise").disabled = True  # it writes addresses
    sender = apprise.Apprise()
    understood = [sender.add(url) for url in urls.split()]
    sent = sender.notify(
        body=text,
        title=f"Truestock: {title}",
        notify_type=NOTIFY_TYPES[severity],
        body_format=apprise.NotifyFormat.TEXT,
    )
    return all(understood) and bool(sent)


def _failed(title: str, next_step: str) -> bool:
    structlog.get_logger().warning(
        "An alert was not delivered; it is in the alert log", alert=title, next_step=next_step
    )
    return False
