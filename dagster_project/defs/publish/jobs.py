"""The one job, and its schedule."""

import dagster as dg

pipeline = dg.define_asset_job(
    "pipeline",
    selection=dg.AssetSelection.all(),
    description="Land, load, judge, derive, judge again, publish.",
    executor_def=dg.in_process_executor,
)

hourly = dg.ScheduleDefinition(
    name="hourly_pipeline",
    job=pipeline,
    cron_schedule="7 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="A run an hour, so that metrics and staleness move even when nothing arrives.",
)
