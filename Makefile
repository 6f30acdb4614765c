# Everything a newcomer needs: `make run` shows the main job, `make test` runs the project's own tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test lint bench interop clean

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(STAMP)

run: $(STAMP)
	$(BIN)/v2x-harness run $(ARGS)

test: $(STAMP) lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup tests

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python bench/exi_bench.py

interop: $(STAMP)
	$(BIN)/python -m interop

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
