# Every target works alone on a fresh clone: what it needs is installed into .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The scanners pin libraries that samgen uses in other versions, so they have an environment of their own.
SCAN_VENV := .venv-scan
SCAN_READY := $(SCAN_VENV)/.ready
BROWSER_READY := $(VENV)/.browser
# So does the emulator of AWS that `samgen local` starts: it pins a botocore that newer SAM CLIs do not go with.
EMULATOR_VENV := .venv-emulator
EMULATOR_READY := $(EMULATOR_VENV)/.ready
EMULATOR := $(CURDIR)/$(EMULATOR_VENV)/bin/ministack

# Every three choices together; what is known from a run before is kept in build/regress.
REGRESS := --strength 3 --snapshots tests/regress/snapshots --cache build/regress

.DEFAULT_GOAL := help
.PHONY: help demo demo-local test regress snapshots pythons lint format examples scan bench build clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## Generate demo/my-service and validate it with SAM CLI, cfn-lint and samgen
	@./scripts/demo.sh

demo-local: $(READY) $(EMULATOR_READY) ## Run examples/orders on this machine, call each route and trigger
	@SAMGEN_EMULATOR="$(EMULATOR)" $(BIN)/python -m scripts.demo_local

test: $(READY) $(BROWSER_READY) $(EMULATOR_READY) ## Run all tests, on every processor
	@SAMGEN_EMULATOR="$(EMULATOR)" $(BIN)/python -m scripts.run_tests

regress: $(READY) ## Compare what the template makes of 240 kinds of service with their snapshots
	@$(BIN)/samgen regress $(REGRESS) $(REGRESS_OPTIONS)

snapshots: $(READY) ## Accept what the template makes of them now
	@$(BIN)/samgen regress $(REGRESS) --update
	@$(BIN)/python -m scripts.digests --write

pythons: $(READY) ## Render with every Python that is installed, and compare the bytes
	@$(BIN)/python -m scripts.pythons

lint: $(READY) ## Check style and types
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy

format: $(READY) ## Format the code and mend what ruff can mend
	@$(BIN)/python -m ruff format .
	@$(BIN)/python -m ruff check --fix .

examples: $(READY) ## Render and validate the examples into build/examples/
	@$(BIN)/python -m scripts.examples

scan: $(SCAN_READY) examples ## Run independent scanners over the examples
	@$(BIN)/python -m scripts.scan

bench: $(READY) $(EMULATOR_READY) ## Time samgen against the same work by hand
	@$(BIN)/python benchmarks/new.py
	@$(BIN)/python benchmarks/check.py
	@$(BIN)/python benchmarks/regress.py
	@SAMGEN_EMULATOR="$(EMULATOR)" $(BIN)/python benchmarks/local.py

build: $(READY) ## Build the wheel and the source archive into dist/
	@$(BIN)/python -m build

clean: ## Remove everything that the other targets made, and stop the emulators that they started
	@./scripts/emulator/stop.sh "$(CURDIR)/$(EMULATOR_VENV)"
	rm -rf $(VENV) $(SCAN_VENV) $(EMULATOR_VENV) build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("samgen needs Python 3.10 or newer; name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Without a browser its tests are skipped, and it is looked for again next time.
$(BROWSER_READY): $(READY) scripts/browser.sh
	@if ./scripts/browser.sh; then touch $@; fi

$(SCAN_READY): scripts/scan/requirements.txt scripts/scan/constraints.txt
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 13) or sys.exit("The scanners need Python 3.11 or 3.12; name one: make scan PYTHON=python3.12")'
	$(PYTHON) -m venv $(SCAN_VENV)
	$(SCAN_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/scan/requirements.txt -c scripts/scan/constraints.txt
	@touch $@

$(EMULATOR_READY): scripts/emulator/requirements.txt scripts/emulator/constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("The emulator needs Python 3.10 or newer; name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(EMULATOR_VENV)
	$(EMULATOR_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/emulator/requirements.txt -c scripts/emulator/constraints.txt
	@touch $@
