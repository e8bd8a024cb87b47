"""What holds of the Python packages as a whole."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dagster_project.definitions import defs

ROOT = Path(__file__).parents[2]
PACKAGES = ("ingestion", "expectations", "app", "dagster_project")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

LOAD_WITHOUT_NETWORK = """
import socket

def refuse(*_arguments, **_options):
    raise AssertionError("a connection was attempted")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
from dagster_project.definitions import defs
job = defs.resolve_job_def("pipeline")
print(len(job.nodes))
"""


def test_imports_run_down():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_definitions_load_without_a_warehouse_and_without_network(tmp_path, monkeypatch):
    monkeypatch.setenv("TRUESTOCK_HOME", str(tmp_path / "nothing"))
    done = subprocess.run(
        [sys.executable, "-c", LOAD_WITHOUT_NETWORK], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.splitlines()[-1]) >= 5
    assert not (tmp_path / "nothing").exists()


def test_every_asset_has_an_owner_a_group_and_a_description():
    for spec in defs.resolve_asset_graph().asset_nodes:
        if spec.is_materializable:
            assert spec.owners, spec.key
            assert spec.group_name != "default", spec.key
            assert spec.description, spec.key


def test_what_writes_the_warehouse_is_in_its_pool():
    pools = {node.name: node.definition.pools for node in defs.resolve_job_def("pipeline").nodes}
    assert pools
    assert {name for name, found in pools.items() if found != {"warehouse"}} == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_package_files_are_empty(package):
    assert [p for p in (ROOT / package).rglob("__init__.py") if p.stat().st_size] == []


def test_nothing_but_the_settings_reads_the_environment():
    """A module may pass its environment on or add to it; what is in it only the settings ask."""
    readers = {path.name for path in MODULES if _reads_environment(ast.parse(path.read_text()))}
    assert readers == set()


@pytest.mark.parametrize(
    ("code", "reads"),
    [
        ("import os\nos.getenv('A')", True),
        ("import os\nos.environ.get('A')", True),
        ("import os\nos.environ['A']", True),
        ("import os\n'A' in os.environ", True),
        ("from os import environ", True),
        ("import os\nfor a in os.environ: pass", True),
        ("import os\nos.environ['A'] = 'b'", False),
        ("import os\nos.environ.update(A='b')", False),
        ("import os\nrun(env=os.environ | {'A': 'b'})", False),
        ("import os\nrun(env=os.environ | more(1))", False),
    ],
)
def test_every_way_to_read_the_environment_is_seen(code, reads):
    assert _reads_environment(ast.parse(code)) is reads


def _reads_environment(module):
    """Whether `os.environ` or `os.getenv` occurs but to be written or handed on whole."""
    parents = {child: node for node in ast.walk(module) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(module):
        names = {name.name for name in node.names} if isinstance(node, ast.ImportFrom) else set()
        if names & {"environ", "getenv"}:
            return True
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        if ast.unparse(node) == "os.getenv":
            return True
        if ast.unparse(node) == "os.environ" and not _is_handed_on(parents[node]):
            return True
    return False


def _is_handed_on(parent):
    if isinstance(parent, ast.Subscript):
        return isinstance(parent.ctx, ast.Store)
    if isinstance(parent, ast.Attribute):
        return parent.attr == "update"
    return isinstance(parent, ast.BinOp | ast.keyword)


def test_the_app_knows_nothing_of_the_orchestrator():
    imported = [
        (path.name, node.module or "")
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
    ]
    assert imported
    assert [one for one in imported if one[1].startswith(("dagster", "dbt", "expectations"))] == []


def test_lib_holds_no_definitions():
    decorated = []
    for path in (ROOT / "dagster_project" / "lib").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                decorated += (
                    [path.name]
                    if (node.module or "").startswith(
                        ("dagster_project.defs", "dagster_project.definitions")
                    )
                    else []
                )
    assert decorated == []


def test_the_top_level_is_the_one_architecture_names():
    allowed = {
        "LICENSE", "Makefile", "README.md", "app", "dagster_project", "dbt", "expectations",
        "ingestion", "pyproject.toml", "requirements.lock", "tests",
    }  # fmt: skip
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    top = {name.split("/")[0] for name in tracked}
    assert {name for name in top if not name.startswith(".")} - allowed == set()


def test_every_tool_is_configured_in_pyproject():
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert {"ruff", "pyright", "importlinter", "pytest", "sqlfluff"} <= configured.keys()
