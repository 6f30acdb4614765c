# Everything a newcomer needs: `make run` shows the main job, `make test` runs the project's own tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
RUN := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

.PHONY: run test lint bench interop interop-quick clean

$(RUN): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $(RUN)

$(DEV): $(RUN)
	$(PIP) --editable '.[dev]'
	touch $(DEV)

run: $(RUN)
	$(BIN)/v2x-harness run $(ARGS)

test: $(DEV) lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup tests

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(RUN)
	$(BIN)/python bench/exi_bench.py
	$(BIN)/python bench/ocpp_bench.py

interop: $(RUN)
	$(BIN)/python -m interop $(ARGS)

interop-quick: $(RUN)
	$(BIN)/python -m interop --quick $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
