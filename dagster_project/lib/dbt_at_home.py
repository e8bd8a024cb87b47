"""dbt's command line as the pipeline runs it: inside the home whose warehouse it builds.

dbt reads its whole project anew when the warehouse has another path than last time. Named relative
to the home, it has the same path in every home, and all homes share what was read once.
"""

import os
import sys
from importlib.metadata import version

from ingestion.settings import DbtSettings


def enter_home() -> None:
    """Make the home this process's folder, and name the warehouse as seen from there."""
    warehouse = DbtSettings().warehouse
    os.chdir(warehouse.parent)
    os.environ["TRUESTOCK_WAREHOUSE"] = warehouse.name


def main() -> None:
    """Run dbt with this process's arguments on the warehouse that TRUESTOCK_WAREHOUSE names."""
    if sys.argv[1:] == ["--version"]:  # asked before each build; dbt takes three seconds to answer
        sys.stdout.write(f"Core:\n  - installed: {version('dbt-core')}\n")
        return
    from dbt.cli.main import cli  # noqa: PLC0415 - the slow import

    enter_home()
    cli()
