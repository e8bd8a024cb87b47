# Every target sets itself up: a fresh machine needs only Python >= 3.11, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SCENARIO ?= dtc
SCALE ?= small
export DO_NOT_TRACK := 1

.PHONY: demo setup check test bench soak lock format clean
.DEFAULT_GOAL := demo

demo: setup  ## build one operating model from scratch and open the control tower
	$(BIN)/truestock demo --scenario $(SCENARIO) --scale $(SCALE)

setup: $(STAMP)  ## install everything into .venv

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Truestock needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

check: setup  ## format, lint, types, SQL lint, architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt/models dbt/tests ingestion/sources
	$(BIN)/pytest tests/architecture

test: setup  ## unit, integration, architecture and browser tests
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: setup  ## measure speed and size; prints, never fails on a clock
	$(BIN)/truestock bench

soak: setup  ## long chaos and load runs
	$(BIN)/pytest -m soak --override-ini addopts="-q --import-mode=importlib"

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup  ## renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-emit-find-links --upgrade --quiet \
		--custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) build dist *.egg-info dbt/target dbt/logs
