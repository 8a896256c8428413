# `make` shows the verbs. `check` only looks; `format` and `generate` mend.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help generate test check lint types drift format all demo lock clean

help: ## Show what can be done
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "wirewright needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || { echo "Python's venv is missing: install it with your system's package manager (Debian: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

generate: $(READY) ## Generate every client that wirewright.toml lists
	$(BIN)/wirewright generate

test: $(READY) ## Run the test suite
	$(BIN)/python -m pytest

check: lint types drift ## Look for what is wrong: lint, types, drift

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check generator runtime tests examples
types: $(READY)
	$(BIN)/mypy
	$(BIN)/pyright
drift: $(READY)
	$(BIN)/wirewright check

format: $(READY) ## Format the hand-written code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format generator runtime tests examples

all: check test ## check and test

demo: $(READY) ## Run the examples against a loopback exchange, no account needed
	$(BIN)/python examples/demo.py

lock: ## Lock the development dependencies again
	$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet pip-tools
	$(VENV)-lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links -o requirements/dev.txt requirements/dev.in
	rm -rf $(VENV)-lock

clean: ## Remove the environment and what was built
	rm -rf $(VENV) build dist
