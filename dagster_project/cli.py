"""The command line: `truestock VERB`. Verbs import what they need when they run."""

import typer

from dagster_project.verbs import data, explaining, homes, pipeline, sandboxes, services

app = typer.Typer(
    name="truestock",
    help="One inventory truth for ecommerce operations. Start with `truestock demo`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
quarantine = typer.Typer(help="What landing refused, and a second try.", no_args_is_help=True)
source = typer.Typer(help="Sources: how a system's files become feeds.", no_args_is_help=True)
audit = typer.Typer(help="The command log's audit chain.", no_args_is_help=True)

app.command()(pipeline.demo)
app.command()(homes.init)
app.command()(data.land)
app.command()(pipeline.run)
app.command()(services.serve)
app.command()(services.up)
app.command()(homes.status)
app.command()(data.query)
app.command()(explaining.explain)
app.command()(homes.doctor)
app.command()(sandboxes.sandbox)
app.command()(pipeline.bench)

quarantine.command("list")(data.list_quarantine)
quarantine.command("show")(data.show_quarantine)
quarantine.command("retry")(data.retry_quarantine)
source.command("check")(data.check_source)
audit.command("verify")(homes.verify_audit)
app.add_typer(quarantine, name="quarantine")
app.add_typer(source, name="source")
app.add_typer(audit, name="audit")


def main() -> None:
    """Run the command line; the exit code is 0 done, 1 failed, 2 wrong usage."""
    app()
