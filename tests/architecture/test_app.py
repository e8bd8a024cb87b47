"""The control tower's own rules: who may write, who may ask, what a page may show."""

import ast
import re
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
MODULES = sorted(APP.rglob("*.py"))
SQL = re.compile(r"(?is)\b(select|insert|update|delete)\b.+\b(from|into|set)\b")
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")


def strings(tree):
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in docstrings
    ]


def called(tree):
    functions = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {function.attr for function in functions if isinstance(function, ast.Attribute)}


def imported(tree):
    froms = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    plain = [node.names for node in ast.walk(tree) if isinstance(node, ast.Import)]
    return froms | {name.name for names in plain for name in names}


@pytest.fixture(params=MODULES, ids=lambda path: str(path.relative_to(APP)))
def module(request):
    path = request.param
    return path.relative_to(APP).parts[0], ast.parse(path.read_text())


def test_sql_is_written_in_queries_alone(module):
    folder, tree = module
    if folder != "queries":
        assert [text for text in strings(tree) if SQL.search(text)] == []


def test_commands_are_submitted_in_forms_alone(module):
    folder, tree = module
    if folder != "forms":
        assert "submit" not in called(tree)


def test_queries_and_charts_know_no_page(module):
    folder, tree = module
    if folder in {"queries", "charts"}:
        assert "streamlit" not in imported(tree)


def test_no_page_trusts_markup(module):
    _, tree = module
    keywords = {
        word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords
    }
    assert "unsafe_allow_html" not in keywords


def test_icons_are_material_symbols_not_emoji(module):
    _, tree = module
    assert [text for text in strings(tree) if EMOJI.search(text)] == []
