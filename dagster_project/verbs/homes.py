"""Verbs about a home: init, status, doctor, audit verify."""

from dataclasses import asdict

import typer

from dagster_project.verbs import rim


def init(home: rim.Home = None) -> None:
    """Make a folder a Truestock home: drop folders, your own sources, Dagster's settings.

    Example: `truestock init --home ~/truestock`
    """
    from dagster_project.lib.home import prepare_instance
    from ingestion.landing.load import ensure_raw
    from ingestion.warehouse import exclusive, open_warehouse

    settings = rim.settings_of(home)
    with rim.answering():
        for folder in (settings.drop, settings.user_sources, settings.outbox, settings.logs):
            folder.mkdir(parents=True, exist_ok=True)
        with exclusive(settings, say=rim.note), open_warehouse(settings) as connection:
            ensure_raw(connection)
        prepare_instance(settings)
    rim.out().print(
        f"{settings.root} is a Truestock home.\n"
        f"Leave files in {settings.drop}/<system>/, then `truestock run`.",
        soft_wrap=True,
        markup=False,
    )


def status(home: rim.Home = None, *, as_json: rim.AsJson = False) -> None:
    """Say what is published, how old it is, and what waits for somebody.

    Example: `truestock status --json`
    """
    from dagster_project.lib.standing import standing

    with rim.answering():
        found = standing(rim.home_of(home))
    if as_json:
        rim.print_json(asdict(found))
        return
    rim.print_pairs(
        {
            "home": found.home,
            "generation": found.generation or "none yet: run `truestock run`",
            "published at": f"{found.published_at:%Y-%m-%d %H:%M:%S} UTC"
            if found.published_at
            else "",
            "records": f"{found.physical_count:,}",
            "quarantined": f"{found.quarantined_count:,}",
            "failed checks": len(found.failed_checks),
            "exceptions": f"{found.exception_count:,}",
            "commands pending": _pending(found.pending_commands, found.pending_approvals),
        }
    )
    for check in found.failed_checks:
        heading = f"\n{check.severity.upper()} {check.asset} fails {check.check_name}"
        rim.out().print(heading, check.detail, sep="\n", markup=False, soft_wrap=True)
    for alert in found.alerts:
        heading = f"\n{alert.severity.upper()} {alert.title}"
        words = "\n".join((heading, alert.detail, alert.next_step))
        rim.err().print(words, markup=False, soft_wrap=True)


def _pending(commands: int, approvals: int) -> str:
    if not commands:
        return "0"
    return f"{commands:,}: {approvals:,} for approval, {commands - approvals:,} for the next run"


def doctor(home: rim.Home = None, *, as_json: rim.AsJson = False) -> None:
    """Examine the installation and the home; exit code 1 when something must be mended.

    Example: `truestock doctor`
    """
    from dagster_project.lib.doctor import examine

    with rim.answering():
        findings = examine(rim.home_of(home))
    if as_json:
        rim.print_json([asdict(finding) for finding in findings])
    else:
        rows = [("ok" if f.is_fine else "MEND", f.name, f.detail) for f in findings]
        rim.print_table(("", "what", "found"), rows)
    if not all(finding.is_fine for finding in findings):
        raise typer.Exit(1)


def verify_audit(home: rim.Home = None, *, as_json: rim.AsJson = False) -> None:
    """Walk the command log's hash chain, against the head that was last published.

    Example: `truestock audit verify`
    """
    from dagster_project.lib.doctor import verify_chain

    with rim.answering():
        verdict = verify_chain(rim.home_of(home))
    if as_json:
        rim.print_json(asdict(verdict))
    elif verdict.bad is None:
        rim.out().print(f"The chain holds: {verdict.entries} entries, head {verdict.head[:12]}.")
    if verdict.bad is not None:
        raise rim.fail(
            f"The command log does not hold at entry {verdict.bad.sequence} "
            f"({verdict.bad.command_id}): {verdict.bad.cause}. Restore it from a backup and ask "
            "who has write access to its database."
        )
