# Everything runs from .venv, which the first target that needs it makes.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 3000
BIN := .venv/bin
INSTALLED := .venv/.installed
SOURCES := ztrade_core ztrade_pipelines tests tools benchmarks sql examples
# Python's DagsterInstance.get() needs it; dagster.yaml tells the rest. Tests choose instances of their own.
demo dev: export DAGSTER_HOME := $(CURDIR)

.NOTPARALLEL:
.PHONY: help setup demo dev test exam lint types layers size check bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## Make .venv with the pinned packages

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed, $(PYTHON) is " + sys.version.split()[0] + ": make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $@

demo: $(INSTALLED) ## Run the main job: three agents rehearse a fixed past moment
	$(BIN)/ztrade demo

dev: $(INSTALLED) ## Serve the Dagster page on 127.0.0.1 (PORT=3000) with its daemon
	$(BIN)/ztrade db upgrade
	$(BIN)/dagster dev --host 127.0.0.1 --port $(PORT) --workspace workspace.yaml

test: $(INSTALLED) ## Run all tests, with a tenth of the long campaigns
	env -u EXAM $(BIN)/pytest -n 2 --dist worksteal

exam: $(INSTALLED) ## Run the long campaigns whole and print one table (EXAM=quick: a tenth)
	EXAM=$(or $(EXAM),full) $(BIN)/pytest -n 2 --dist worksteal tests/faults tests/properties

lint: $(INSTALLED) ## Check style and formatting
	$(BIN)/ruff check $(wildcard $(SOURCES))
	$(BIN)/ruff format --check $(wildcard $(SOURCES))

types: $(INSTALLED) ## Check types
	$(BIN)/mypy

layers: $(INSTALLED) ## Check which room imports which
	$(BIN)/lint-imports --no-logo

size: $(INSTALLED) ## Check the bounds on files and functions
	$(BIN)/python tools/check_size.py $(wildcard $(SOURCES))

check: lint layers types size test ## Lint, layers, types, size and tests, in this order

bench: $(INSTALLED) ## Run the benchmarks, which print figures
	@for program in benchmarks/*.py; do echo "== $$program"; $(BIN)/python "$$program"; done

clean: ## Remove .venv and what tools made; the data in .ztrade stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
