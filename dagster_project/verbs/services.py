"""Verbs that start services and stay: serve, up."""

from typing import Annotated

import typer

from dagster_project.verbs import rim

Port = Annotated[
    int | None, typer.Option("--port", min=1, max=65535, help="The control tower's port.")
]


def serve(home: rim.Home = None, port: Port = None) -> None:
    """Open the control tower on the published generations, for this machine only.

    Example: `truestock serve --port 8502`
    """
    from dagster_project.lib.services import ServiceError, supervise, tower

    settings = rim.home_of(home)
    with rim.answering():
        try:
            service = tower(settings, port or settings.tower_port)
            rim.out().print(f"Control tower: {service.url}  (Ctrl-C ends it)", soft_wrap=True)
            supervise([service])
        except ServiceError as error:
            raise rim.fail(str(error)) from error


def up(home: rim.Home = None, port: Port = None) -> None:
    """Start Dagster's daemon, its UI and the control tower; one Ctrl-C ends them all.

    Example: `truestock up --home ~/truestock`
    """
    from dagster_project.lib.dbt_build import ensure_manifest
    from dagster_project.lib.home import prepare_instance
    from dagster_project.lib.services import ServiceError, dagster, supervise, tower

    settings = rim.home_of(home)
    with rim.answering():
        prepare_instance(settings)
        ensure_manifest()
        try:
            services = [dagster(settings), tower(settings, port or settings.tower_port)]
            for service in services:
                rim.out().print(f"{service.name}: {service.url}", soft_wrap=True)
            rim.out().print("Ctrl-C ends them all.")
            supervise(services)
        except ServiceError as error:
            raise rim.fail(str(error)) from error
