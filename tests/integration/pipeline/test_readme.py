"""The README's first file of one's own, typed as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path

from ingestion.generations import open_current
from tests.conftest import home_settings

README = Path(__file__).parents[3] / "README.md"


def blocks(heading: str) -> list[str]:
    """The shell commands below a heading, up to the next."""
    section = README.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)


def test_a_first_file_of_ones_own_becomes_stock(tmp_path):
    commands = "\n".join(blocks("Connect a first file of your own"))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", commands], cwd=tmp_path, env=os.environ | {"PATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert "quantity is '2,5'" in done.stdout
    assert "24" in done.stdout.split("MUG-RED")[-1]
    _, generation = open_current(home_settings(tmp_path / "acme"))
    with generation:
        on_hand = generation.execute(
            "select sku, state, quantity::int from fct_stock_balances where is_on_hand order by sku"
        ).fetchall()
    assert on_hand == [("MUG-BLUE", "available", 48), ("MUG-RED", "available", 24)]
