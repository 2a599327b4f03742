# The few commands for people, hooks and CI. `make` alone lists them.
PYTHON ?= python3.11
UV_VERSION := 0.13.9
BIN := .venv/bin
STAMP := .venv/.installed
RULES := tests/browser/node_modules/axe-core/axe.min.js
PIP_SETTING = $(shell $(BIN)/python -m pip config get global.$(1) 2>/dev/null)
# uv does not read pip's configuration: hand on where pip finds packages. Both are empty on most machines.
FIND_LINKS = $(or $(PIP_FIND_LINKS),$(call PIP_SETTING,find-links))
UV = UV_FIND_LINKS="$(FIND_LINKS)" UV_DEFAULT_INDEX="$(or $(PIP_INDEX_URL),$(call PIP_SETTING,index-url))" $(BIN)/uv
# The CPU build of torch spares gigabytes; where pip has packages beside the index, the right build lies there.
TORCH_BACKEND = $(if $(FIND_LINKS),,--torch-backend=cpu)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help demo test slow browser release bench studies notebooks ui lint lock install browser-rules

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

demo: install  ## the whole way on the embedded data: ingest, features, training, gates, promotion, forecast
	@pitwall run race-weekend
	@echo "  . .venv/bin/activate   first, so that your shell finds these commands; make ui is pitwall ui without it"

test: install  ## the test suite, but for what starts servers or runs the whole pipeline
	@pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow and not release and not browser"

slow: install  ## the tests that start servers, run the whole pipeline, or take long alone
	@pytest -n 2 --dist loadfile --no-loadscope-reorder -m "slow and not release and not browser"

browser: install browser-rules  ## the pages of a project that was played with, in Chromium
	@pytest -m browser

release: install  ## the tests of what is released: the wheel in an environment of its own, a project of an earlier version upgraded
	@pytest -m release

bench: install  ## every benchmark on this project's data, rows as JSON below reports/bench
	@mkdir -p reports/bench
	@for file in benchmarks/[a-z]*.py; do echo "$$file"; python $$file --json reports/bench/$$(basename $$file .py).json || exit 1; done

studies: install  ## every study in full: rows as JSON below reports/studies, tables and pictures into the pages that show them
	@mkdir -p reports/studies
	@for file in studies/[a-z]*.py; do \
	  name=$$(basename $$file .py); echo "$$file"; \
	  page=$$(grep -l "table: $$name -->" docs/*.md); picture=$$(grep -l "pictures/$$name.png" docs/*.md); \
	  python $$file --json reports/studies/$$name.json $${page:+--docs $$page} \
	    $${picture:+--picture docs/pictures/$$name.png} || exit 1; \
	done

browser-rules:  ## the rules of accessibility that browser tests ask for, from the npm registry; without npm those tests are left out
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(RULES); else echo "npm is not installed: browser tests are left out"; fi

$(RULES): tests/browser/package-lock.json
	@npm ci --prefix tests/browser --no-audit --no-fund --silent
	@touch $@

notebooks: install  ## every notebook, executed in this project; copies with outputs in reports/notebooks
	@python notebooks/run.py

ui: install  ## MLflow and Prefect servers on loopback, until Ctrl-C
	@pitwall ui

lint: install  ## format, lint, types, layers
	ruff format --check .
	ruff check .
	mypy
	lint-imports

install: $(STAMP)  ## environment and locked dependencies, once

$(STAMP): requirements.lock pyproject.toml
	@echo "installing into .venv ..."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(UV) pip install --python $(BIN)/python $(TORCH_BACKEND) --compile-bytecode -r requirements.lock \
	  || $(UV) pip install --python $(BIN)/python --compile-bytecode -r requirements.lock
	@$(UV) pip install --python $(BIN)/python --no-deps --editable .
	@touch $(STAMP)

lock:  ## resolve the dependencies anew, keeping what the lock has where it still fits
	sed -i.bak '/^torch==/d' requirements.lock
	$(UV) pip compile --quiet $(TORCH_BACKEND) --python-version 3.11 --group dev --custom-compile-command "make lock" \
	  pyproject.toml --output-file requirements.lock
	sed -i.bak -E 's/^(torch==[0-9.]+)\+[a-z0-9]+/\1/' requirements.lock
	rm -f requirements.lock.bak
