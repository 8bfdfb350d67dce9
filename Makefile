# `make demo` and `make test` set up everything they need in .venv; a second call does not install again.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN ?= runs/helsinki-centre-$(shell date +%Y%m%d-%H%M%S)

.PHONY: demo test slow check lint types clean

demo: $(VENV)/.installed
	$(BIN)/dronepatrol fly missions/helsinki-centre/mission.yaml --out $(RUN)

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m "not slow"

slow: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

check: lint types test

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(VENV)/.installed $@

clean:
	rm -rf $(VENV) build dist
