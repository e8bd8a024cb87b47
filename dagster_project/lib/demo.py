"""The demo's home: which operating model it holds, generated once."""

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from ingestion.settings import Settings
from ingestion.synthetic.generate import generate

MARKER = "demo.json"
SEED = 7


class DemoHomeError(RuntimeError):
    """The home holds something else than the demo that was asked for."""


@dataclass(frozen=True)
class Demo:
    """One generated operating model, whose last event is before `end_at`, UTC."""

    scenario: str
    scale: str
    end_at: str
    event_count: int
    seed: int = SEED


def prepare_demo(settings: Settings, scenario: str, scale: str, end_at: datetime) -> Demo:
    """Generate the operating model into the home's drop folder, unless it is there already.

    Raises DemoHomeError when the home holds another demo or somebody's own data.
    """
    held = held_demo(settings)
    if held is not None:
        if (held.scenario, held.scale) != (scenario, scale):
            raise DemoHomeError(
                f"{settings.root} holds the demo {held.scenario} at scale {held.scale}. Add "
                "--fresh to replace it, or give another --home."
            )
        return held
    if settings.warehouse.exists() and settings.batches.exists():
        raise DemoHomeError(
            f"{settings.root} holds data of its own, which a demo would mix with. "
            "Give an empty folder with --home."
        )
    generated = generate(
        settings.drop, scenario=scenario, scale=scale, seed=SEED, end_at=end_at,
        truth=truth_of(settings),
    )  # fmt: skip
    demo = Demo(scenario, scale, end_at.isoformat(), generated.event_count)
    (settings.root / MARKER).write_text(json.dumps(asdict(demo)))
    return demo


def truth_of(settings: Settings) -> Path:
    """Where a demo's planted faults are told: beside the home, which is all a pipeline knows of."""
    return settings.root.with_name(f"{settings.root.name}-truth")


def held_demo(settings: Settings) -> Demo | None:
    """Return the demo this home holds; None when it holds none."""
    try:
        return Demo(**json.loads((settings.root / MARKER).read_text()))
    except FileNotFoundError:
        return None


def discard_demo(settings: Settings) -> None:
    """Delete a home that holds a demo, and its truth; a home that does not is left alone."""
    if held_demo(settings) is not None:
        shutil.rmtree(settings.root)
        shutil.rmtree(truth_of(settings), ignore_errors=True)
