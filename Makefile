# `make` shows the verbs. `check` only looks; `format` and `generate` mend. Every verb prepares what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BASE ?= HEAD
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help generate golden coverage test soak fuzz check lint types drift guard format all demo diff bench bench-peers lock wheel clean

help: ## Show what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c pass 2>/dev/null || { \
	  echo "There is no $(PYTHON): install Python 3.11 or newer, or name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "wirewright needs Python 3.11 or newer, and $(PYTHON) is older: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv is incomplete: install it with your system's package manager, on Debian and Ubuntu:"; \
	  echo "  apt install python$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --require-hashes -r requirements/dev.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

generate: $(READY) ## Generate every client that wirewright.toml lists
	$(BIN)/wirewright generate
	@$(BIN)/python -m wirewright.diff.page docs/diff-rules.md

golden: $(READY) ## Generate the expected output of the test cases again
	for case in tests/cases/*/wirewright.toml; do $(BIN)/wirewright generate --force --config $$case || exit 1; done

coverage: $(READY) ## Write docs/coverage.md again
	cd tests && ../$(BIN)/python -m seeds.page

test: $(READY) ## Run the test suite, and the faults on the fallback of reading, too
	$(BIN)/python -m pytest -n auto --dist loadfile
	$(BIN)/python -m pytest -n auto --dist loadfile --reading plain tests/faults tests/runtime/test_websocket.py

soak: $(READY) ## Random faults for ten minutes: make soak SECONDS=60 SEED=7
	$(BIN)/python tests/soak/soak.py --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

fuzz: $(READY) ## The fuzz tests and everything that repeats something, at length
	WIREWRIGHT_FUZZ=20 WIREWRIGHT_CHURN=100000 $(BIN)/python -m pytest tests/fuzz tests/faults/test_f_user_code.py tests/soak

check: lint types drift guard ## Look for what is wrong: lint, types, drift

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy
	$(BIN)/pyright

drift: $(READY)
	$(BIN)/wirewright check

format: $(READY) ## Format the hand-written code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

all: check test ## Check and test

demo: $(READY) ## Run the examples against a loopback exchange, no account needed
	$(BIN)/python examples/demo.py

guard: $(READY)
	$(BIN)/python bench/guard.py

$(VENV)/.bench: $(READY) requirements/bench.txt
	$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

bench: $(VENV)/.bench ## Measure this client against floors, and how its cost grows
	$(BIN)/python bench/run.py
	$(BIN)/python bench/growth.py --plot
	$(BIN)/python bench/generation.py
	$(BIN)/python bench/imports.py

bench-peers: $(VENV)/.bench ## Measure what others publish too, and write docs/performance.md
	$(BIN)/python bench/run.py --peers --rounds 3 --write

wheel: $(READY) ## Build the wheel into dist/
	$(BIN)/python -m build --no-isolation

diff: $(READY) ## Tell what the specs' changes since BASE mean, as in: make diff BASE=v1.2.0
	@$(BIN)/wirewright diff --base $(BASE)

lock: ## Lock the development dependencies again
	$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet pip-tools
	$(VENV)-lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links -o requirements/dev.txt requirements/dev.in
	$(VENV)-lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links -o requirements/bench.txt requirements/bench.in
	rm -rf $(VENV)-lock

clean: ## Remove the environment and what was built
	rm -rf $(VENV) build dist
