# One verb per wish, the same for people and for machines. `make` alone lists them.
# Needs git, make and Python 3.11 or newer; everything else is installed into .venv on first use.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:

# The system's certificates: uv's own roots do not know the authorities of a company's network.
export UV_SYSTEM_CERTS := 1
# A Python that is missing is reported, not downloaded.
export UV_PYTHON_DOWNLOADS := never
# An environment that happens to be active must not leak into ours.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

VENV := .venv
PYTHON_IN_VENV := $(VENV)/bin/python
READY := $(VENV)/.ready
UV := $(or $(shell command -v uv 2>/dev/null),$(VENV)/bin/uv)
ARGS ?=
# The extras that tests and checks use; gcs, azure and gcp would add a hundred megabytes for a few arguments.
LOCKED_EXTRAS := server postgres dask viz templates s3 aws docker kubernetes yaml

.PHONY: help demo test test-matrix ui page check bench load chaos generate verify lock clean broken-environment

help: ## list the verbs
	@printf 'Quaestor: run workflows and inspect what happened.\n\n'
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20
	@printf '\nmake demo and make test do their own set-up: each needs only Python 3.11 or newer.\n'

demo: page ## take the census of the standard library, recorded, and inspect the run
	@$(PYTHON_IN_VENV) -m examples.census

test: page ## run the tests (ARGS="tests/engine -k retry" to choose)
	@$(PYTHON_IN_VENV) -m pytest -q -n auto --dist worksteal $(ARGS)

test-matrix: $(READY) ## run the tests on each Python of 3.11, 3.12 and 3.13 that is there (MATRIX="3.13" to choose)
	@MATRIX="$(MATRIX)" scripts/test-matrix $(ARGS)

ui: $(READY) ## build the page that the server shows, where its sources have changed
	@$(PYTHON_IN_VENV) hatch_build.py

# The same for verbs that can do without it: where there is no network, the server says how to build the page.
page: $(READY)
	@$(PYTHON_IN_VENV) hatch_build.py --if-possible

check: $(READY) ## check style, types and the direction of imports
	$(PYTHON_IN_VENV) -m ruff check
	$(PYTHON_IN_VENV) -m ruff format --check
	$(PYTHON_IN_VENV) -m mypy
	$(PYTHON_IN_VENV) -m scripts.imports
	$(PYTHON_IN_VENV) hatch_build.py check

bench: $(READY) ## measure every promise of speed against its budget (ARGS="views http_queries.sqlite" to choose)
	@$(PYTHON_IN_VENV) -m benchmarks $(ARGS)

load: $(READY) ## put a server under load: a thousand subscribers and a burst of ten thousand lines
	@$(PYTHON_IN_VENV) -m benchmarks --load $(ARGS)

chaos: $(READY) ## kill recorded runs at random moments, many times, and look at what is left
	@$(PYTHON_IN_VENV) -m pytest -q -m chaos $(ARGS)

generate: $(READY) ## write the files that are made from the code
	@$(PYTHON_IN_VENV) -m scripts.generate

verify: $(READY) ## fail if a generated file is stale
	@$(PYTHON_IN_VENV) -m scripts.generate --check

lock: ## choose the newest allowed version of every dependency and write requirements.lock
	@$(UV) pip compile --quiet pyproject.toml --output-file requirements.lock --upgrade --universal --python-version 3.11 \
		$(addprefix --extra ,$(LOCKED_EXTRAS)) --group test --group check --group build --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

clean: ## remove .venv, .venvs, caches, the built page and what the demo wrote
	@rm -rf $(VENV) .venvs ui/node_modules src/prefect/server/ui artifacts .demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dask-worker-space dist build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up runs again when what it reads has changed, when the checkout was moved, when its Python has gone away, and when
# somebody has installed the distribution `prefect` beside this one, which owns the same import name.
ifneq ($(shell test "$$(cat $(READY) 2>/dev/null)" = "$(CURDIR)" && $(PYTHON_IN_VENV) -c '' 2>/dev/null && \
	! ls -d $(VENV)/lib/python3*/site-packages/prefect-[0-9]* >/dev/null 2>&1 && echo sound),sound)
$(READY): broken-environment
endif
$(READY): requirements.lock pyproject.toml scripts/setup
	@scripts/setup
