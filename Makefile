# Everything a clone needs: `make refresh`, `make test`. Set-up is part of the first command that needs it.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup refresh dev test test-ui test-long mutants lint docs bench lock clean

help:            ## this list
	@grep -hE '^[a-z-]+: .*##|^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

$(READY): requirements.lock pyproject.toml
	@echo "setting up .venv from requirements.lock (about two minutes, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY)  ## make .venv from the lock

refresh: $(READY)  ## ingest what is new in landing (the sample, if empty), build, check, publish, scorecard
	@$(BIN)/cchc refresh --sample-if-empty $(ARGS)

dev: $(READY)    ## Dagster's web UI on 127.0.0.1:3000
	@$(BIN)/cchc dev

test: $(READY)   ## the test suite
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -q

test-ui: $(READY)  ## the reports in Chromium and LibreOffice; an absent program is a failure
	@CCHC_TEST_PROGRAMS=required $(BIN)/python -m pytest -q tests/ui

test-long: $(READY)  ## the long tests: a kill at every failpoint
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -q -m long

mutants: $(READY)  ## wrong rules on purpose: which case notices? writes docs/mutants.md
	@PYTHONWARNINGS=ignore $(BIN)/python -m tests.mutants $(ARGS)

lint: $(READY)   ## ruff, types, SQL style, dialect
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy dagster_project
	@$(BIN)/sqlfluff lint --processes 2 dbt/models dbt/tests
	@$(BIN)/python -m pytest -q tests/sql

bench: $(READY)  ## how long a refresh takes, against a hand-written DuckDB script (ARGS="--scale 5")
	@$(BIN)/python -m tests.bench $(ARGS)

docs: $(READY)   ## static pages of the home: dictionary, quality, dbt's models and lineage
	@$(BIN)/python -m dagster_project.pages

lock:            ## compile requirements.lock again (needs uv)
	@uv pip compile pyproject.toml --group dev --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-strip-extras --no-annotate --custom-compile-command "make lock" -o requirements.lock

clean:           ## remove what the build makes; data in var/ stays
	@rm -rf dbt/target dbt/logs dist build *.egg-info .pytest_cache .mypy_cache .ruff_cache
