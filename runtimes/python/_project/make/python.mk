# What the Python functions add to the Makefile's install, test and lint.
.PHONY: test-python lint-python
test: test-python
lint: lint-python

test-python: $(filter $(VENV)/%,$(RUN))
	$(RUN) -m pytest -q tests/unit

# One folder after another: each function's module is called app.
lint-python: $(filter $(VENV)/%,$(RUN))
	@for folder in $(patsubst %/app.py,%,$(wildcard src/*/app.py)) tests/unit tests/integration scripts; do \
		$(RUN) -m mypy $$folder || exit 1; \
	done
