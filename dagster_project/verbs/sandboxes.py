"""The verb that gives an analyst a copy of their own."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.verbs import rim

WHOLE = "It holds every layer: build, test and document all of it."
PUBLISHED = "It holds what is published: build what reads that, `dbt build --select my_model`."


def sandbox(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="A folder for the copy.")
    ] = Path("sandbox"),
    home: rim.Home = None,
    *,
    from_generation: Annotated[
        bool, typer.Option("--from-generation", help="Copy only what is published; waits for none.")
    ] = False,
    as_json: rim.AsJson = False,
) -> None:
    """Copy the warehouse for one analyst: dbt then works on the copy and touches nothing else.

    Example: `truestock sandbox ~/mine`
    """
    from dagster_project.lib.dbt_build import PROJECT
    from dagster_project.lib.sandbox import copy_generation, copy_warehouse, variables

    settings = rim.home_of(home)
    with rim.answering():
        if from_generation:
            copy = copy_generation(settings, directory)
        else:
            copy = copy_warehouse(settings, directory, rim.note)
    told = variables(copy)
    if as_json:
        rim.print_json({"warehouse": copy, "project": PROJECT, "environment": told})
        return
    exports = "\n".join(f"export {name}='{value}'" for name, value in told.items())
    rim.out().print(
        f"{copy} is yours. {PUBLISHED if from_generation else WHOLE}\n\n"
        f"{exports}\n"
        f'export PATH="{Path(sys.executable).parent}:$PATH"\n'
        f"cd {PROJECT}\n"
        "dbt build                       # or --selector ledger, availability, reconciliation, "
        "metrics\n"
        "dbt test --select kpi_values\n"
        "dbt docs generate && dbt docs serve\n\n"
        "Any DuckDB client opens it. Remove the folder and every trace is gone.",
        soft_wrap=True,
        markup=False,
    )
