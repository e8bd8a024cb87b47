"""Verbs that make the pipeline run: demo, run, bench."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.verbs import rim, services

if TYPE_CHECKING:
    from dagster_project.lib.summary import Summary
    from dagster_project.running import Run
    from ingestion.settings import Settings


def demo(
    scenario: Annotated[str, typer.Option(help="dtc, marketplace, hybrid or regulated.")] = "dtc",
    scale: Annotated[str, typer.Option(help="small, medium or large.")] = "small",
    end_at: Annotated[
        datetime | None,
        typer.Option(help="UTC instant the data ends at.", show_default="today, midnight"),
    ] = None,
    home: rim.Home = None,
    *,
    serve: Annotated[bool, typer.Option(help="Open the control tower afterwards.")] = True,
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace the demo in this home.")] = False,
) -> None:
    """Build one operating model from scratch, run the pipeline, open the control tower.

    Example: `truestock demo --scenario dtc --scale small --no-serve`
    """
    from dagster_project.lib.demo import DemoHomeError, discard_demo, prepare_demo
    from ingestion.synthetic.model import UnknownScaleError, UnknownScenarioError

    settings = rim.settings_of(home)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    ends = midnight if end_at is None else end_at.replace(tzinfo=UTC)
    with rim.answering():
        if fresh:
            discard_demo(settings)
        rim.err().print(f"Preparing {scenario} at scale {scale} in {settings.root}", soft_wrap=True)
        try:
            prepared = prepare_demo(settings, scenario, scale, ends)
        except (UnknownScenarioError, UnknownScaleError) as error:
            raise typer.BadParameter(str(error)) from error
        except DemoHomeError as error:
            raise rim.fail(str(error)) from error
    rim.err().print(f"{prepared.event_count:,} source events up to {prepared.end_at[:10]}")
    _run(settings, as_json=False)
    if serve:
        services.serve(home)
    else:
        rim.out().print(f"Open the control tower with: truestock serve --home {settings.root}",
            soft_wrap=True, markup=False)  # fmt: skip


def run(home: rim.Home = None, *, as_json: rim.AsJson = False) -> None:
    """Land, load, judge, derive, judge again, publish: the job the daemon runs, here and now.

    Example: `truestock run --home ~/truestock`
    """
    _run(rim.home_of(home), as_json=as_json)


def bench(
    name: Annotated[str | None, typer.Argument(help="One benchmark; all without it.")] = None,
    scale: Annotated[str, typer.Option(help="small, medium or large.")] = "small",
    scenario: Annotated[
        list[str] | None,
        typer.Option(help="Operating model that `attribution` measures; repeatable."),
    ] = None,
    seed: Annotated[
        list[int] | None, typer.Option(help="Seed that `attribution` measures; repeatable.")
    ] = None,
    cause: Annotated[
        str | None, typer.Option(help="The one cause that `attribution` plants; all without it.")
    ] = None,
    *,
    as_json: rim.AsJson = False,
) -> None:
    """Measure speed and size, and print it; nothing passes or fails here.

    Example: `truestock bench attribution --scenario hybrid --seed 7919 --seed 10007 --json`
    """
    from dagster_project.benches import BENCHES, machine

    if name is not None and name not in BENCHES:
        raise typer.BadParameter(f"There is no benchmark {name!r}. Choose: {', '.join(BENCHES)}.")
    asked = {"scenarios": scenario, "seeds": seed, "cause": cause}
    asked = {option: value for option, value in asked.items() if value}
    if asked and name != "attribution":
        raise typer.BadParameter(
            "--scenario, --seed and --cause are for `truestock bench attribution`."
        )
    results: dict[str, Mapping[str, Any]] = {}
    with rim.answering():
        for wanted in [name] if name else BENCHES:
            rim.err().print(f"Measuring {wanted} …")
            results |= BENCHES[wanted](scale, **asked)
    if as_json:
        rim.print_json({"machine": machine(), "results": results})
        return
    rim.print_pairs(machine())
    for wanted, figures in results.items():
        # as they are given: a matrix has its causes in one order on both sides
        names = list(
            dict.fromkeys(
                name for figure in figures.values() if isinstance(figure, dict) for name in figure
            )
        )
        if not names:
            rim.print_table(("figure", wanted), list(figures.items()))
            continue
        rim.print_table(
            (wanted, *names),
            [(row, *(figure[name] for name in names)) for row, figure in figures.items()],
        )


def _run(settings: "Settings", *, as_json: bool) -> None:
    from dagster_project.lib import logs

    with rim.answering():
        logs.configure(settings, _watch)
        from dagster_project.lib.dbt_build import ensure_manifest
        from dagster_project.lib.summary import summarise

        ensure_manifest()
        from dagster_project.running import OvertakenError, RunFailedError, run_pipeline

        try:
            finished = run_pipeline(settings)
        except KeyboardInterrupt:
            rim.note("Interrupted: nothing was published. `truestock run` goes on from here.")
            raise
        except OvertakenError as error:
            raise rim.fail(str(error)) from error
        except RunFailedError as error:
            raise rim.fail(  # the alert above says why
                "Nothing was published. `truestock status` repeats the alert; the run's log is "
                f"{settings.logs / logs.LOG}."
            ) from error
        summary = summarise(settings)
    if as_json:
        rim.print_json(asdict(finished) | asdict(summary))
    else:
        _print_summary(summary, finished)


def _watch(event: Mapping[str, Any]) -> None:
    """Show a run's own log lines as progress; problems with their next step."""
    if event["event"] == "stage started":
        rim.err().print(f"  {event['stage']} …", markup=False)
    elif event["event"] == "stage finished":
        rim.err().print(
            f"  {event['stage']:<16} {event['rows']:>12,} {event.get('unit', 'rows'):<10}"
            f"{event['seconds']:>8.1f} s",
            markup=False,
        )
    elif event["event"] == "waiting":
        rim.note(f"  {event['detail']}")
    elif event["level"] in ("warning", "error"):
        rim.err().print(
            f"  {event['event']}\n  {event.get('detail', '')}\n  {event.get('next_step', '')}",
            markup=False,
            soft_wrap=True,
        )


def _print_summary(summary: "Summary", finished: "Run") -> None:
    from dagster_project.lib.summary import DAYS_SHOWN

    rim.out().print(f"\nGeneration {summary.generation} is published.")
    rim.print_pairs(
        {
            "records": f"{summary.physical_count:,}",
            "loaded": f"{summary.loaded_count:,}",
            "duplicate": f"{summary.duplicate_count:,}",
            "quarantined": f"{summary.quarantined_count:,}  (truestock quarantine list)",
            "movements": f"{summary.movement_count:,}",
            "peak memory": f"{finished.peak_bytes / 2**20:,.0f} MB",
        }
    )
    if summary.last_measured_on is None:
        rim.note("No ratio has a value yet; `kpi_definitions` says which feeds each one needs.")
        return
    span = f"{DAYS_SHOWN} days to {summary.last_on}"
    measured = [headline for headline in summary.headlines if headline.value is not None]
    if not measured:
        rim.note(
            f"No ratio was measured in the {span}; the newest one is of {summary.last_measured_on}."
        )
        return
    rim.print_table(
        (span, "value", "target"),
        [
            (
                headline.title,
                f"{headline.value:.1%}",
                "" if headline.target is None else f"{headline.target:.1%}",
            )
            for headline in measured
        ],
    )
    if rest := len(summary.headlines) - len(measured):
        rim.note(f"{rest} more headline ratios were not measured in these days.")
