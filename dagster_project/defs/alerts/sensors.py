"""What people hear when a run fails."""

import dagster as dg

from dagster_project.lib.alerts import raise_alert
from dagster_project.lib.failures import cause_of, failure_alert, is_blocked, is_overtaken
from dagster_project.lib.home import Home


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
def failure_sensor(context: dg.RunFailureSensorContext, home: Home) -> None:
    """Raise an alert for every failed run, but for one overtaken or blocked by a check."""
    failures = context.get_step_failure_events()
    if any(is_overtaken(event) or is_blocked(event) for event in failures):
        return
    detail = "\n".join(map(cause_of, failures)) or (context.failure_event.message or "")
    raise_alert(home.settings, failure_alert(detail, home.now()))
