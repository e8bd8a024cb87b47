"""Everything Dagster knows of Truestock; loads with no warehouse and no network."""

import dagster as dg
from dagster_dbt import DbtCliResource

from dagster_project.defs.alerts import sensors as alert_sensors
from dagster_project.defs.ingest import assets as ingest
from dagster_project.defs.ingest import sensors as ingest_sensors
from dagster_project.defs.publish import assets as publish
from dagster_project.defs.publish import jobs
from dagster_project.defs.quality import checks
from dagster_project.defs.transform import assets as transform
from dagster_project.lib.dbt_build import DBT, PROJECT
from dagster_project.lib.home import Home

defs = dg.Definitions(
    assets=[ingest.landed, transform.derived, publish.generation],
    asset_checks=[checks.feeds_judged, checks.build_judged],
    jobs=[jobs.pipeline],
    schedules=[jobs.hourly],
    sensors=[
        ingest_sensors.landing_sensor,
        ingest_sensors.command_sensor,
        alert_sensors.failure_sensor,
    ],
    resources={
        "home": Home(),
        "dbt": DbtCliResource(
            project_dir=str(PROJECT),
            profiles_dir=str(PROJECT),
            dbt_executable=DBT,
        ),
    },
)
