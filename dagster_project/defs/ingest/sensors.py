"""What starts a run by itself: a dropped file, a decided command."""

from hashlib import sha256

import dagster as dg

from dagster_project.defs.publish.jobs import pipeline
from dagster_project.lib.home import Home
from dagster_project.lib.intake import last_exported, looks
from ingestion.commands.log import open_command_log


@dg.sensor(job=pipeline, minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
def landing_sensor(
    context: dg.SensorEvaluationContext, home: Home
) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run when the drop folder holds other files than at the last look."""
    files = sorted(looks(home.settings.drop))
    seen = sha256("\n".join(files).encode()).hexdigest()[:16]
    if not files or seen == context.cursor:
        return dg.SkipReason("Nothing new was dropped.")
    context.update_cursor(seen)
    return dg.RunRequest(run_key=f"drop-{seen}")


@dg.sensor(job=pipeline, minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
def command_sensor(home: Home) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run when the command log holds entries that no generation carries yet."""
    log = open_command_log(home.settings)
    try:
        head = log.head().sequence
    finally:
        log.close()
    if head <= last_exported(home.settings):
        return dg.SkipReason("No new command.")
    return dg.RunRequest(run_key=f"command-{head}")
