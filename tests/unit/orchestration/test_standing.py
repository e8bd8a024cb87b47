"""What a home says of the commands that no generation holds yet."""

from datetime import UTC, datetime

from dagster_project.lib.standing import standing
from ingestion.commands.log import CommandLog
from ingestion.commands.master_data import Known
from ingestion.commands.model import Command
from ingestion.commands.policy import read_policy
from ingestion.commands.store import Store
from ingestion.contracts.vocabulary import CommandType, Role
from ingestion.settings import Settings

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_a_command_that_waits_for_the_next_run_is_pending_too(tmp_path):
    settings = Settings(home=tmp_path)
    log = CommandLog(Store(settings.command_log), read_policy(), lambda _: Known(), lambda: NOW)
    for number, resolution in enumerate(("fixed", "accepted")):
        payload = {"exception_id": f"e{number}", "resolution": resolution}
        log.submit(
            Command(
                f"command-{number}",
                CommandType.RESOLVE_EXCEPTION,
                payload,
                "ann",
                Role.OPERATOR,
                "ok",
            )
        )
    log.close()

    found = standing(settings)

    assert (found.pending_commands, found.pending_approvals) == (2, 1)
