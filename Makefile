# Every command sets up .venv by itself when needed.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
NOTEBOOK_READY := $(VENV)/.notebook-ready
# Each process starts services of its own; the tests of a file share them.
PARALLEL := --numprocesses auto --maxprocesses 4 --dist loadfile
TOOLS := $(VENV)/.harden
TOOLS_READY := $(TOOLS)/.ready
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
LOCK := $(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)
AWS_STAGE = --stage $(or $(STAGE),$(error Name the stage, as in `make $@ STAGE=dev`))

.DEFAULT_GOAL := help
.PHONY: help demo run notebook test e2e harden bench load screenshots lint format lock deploy status destroy stack package mail staff openapi sdk clean

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "make %-12s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## See the whole story on a local cloud: sign up, log in, order, look up
	@$(VENV)/bin/python -m local demo

run: $(READY) ## The same, then stay up; PORT=8000 names the port
	@$(VENV)/bin/python -m local run $(if $(PORT),--port $(PORT))

notebook: $(NOTEBOOK_READY) ## Open the notebook beside a running service; Ctrl-C ends both
	@$(VENV)/bin/python -m local notebook

test: $(NOTEBOOK_READY) ## Every test, with a coverage figure
	@$(VENV)/bin/pytest $(PARALLEL) --cov --cov-report=term:skip-covered

e2e: $(NOTEBOOK_READY) ## Only the end-to-end tests, the packaged Lambda behind the local cloud's gateway included
	@$(VENV)/bin/pytest $(PARALLEL) tests/e2e

harden: $(NOTEBOOK_READY) $(TOOLS_READY) ## Attack, starve and race the service at full length; prints a table of what was tried
	@$(VENV)/bin/pytest tests/hardening --full

bench: $(NOTEBOOK_READY) ## Measure the service beside other programs, in benchmarks/RESULTS.md; QUICK=1, BASELINE=commit
	@$(VENV)/bin/python -m benchmarks

screenshots: $(NOTEBOOK_READY) ## Take the pictures of the page anew; README.md shows two of them
	@$(VENV)/bin/pytest $(PARALLEL) --quiet tests/e2e/page/test_access.py
	@cp build/screenshots/ordering-light.png build/screenshots/brewing-phone.png docs/images/

load: $(NOTEBOOK_READY) ## Ten minutes of load on each way to run it; draws docs/load.svg
	@$(VENV)/bin/pytest tests/hardening/test_load.py --full --chart docs/load.svg

lint: $(NOTEBOOK_READY) ## ruff, format check, mypy --strict, cfn-lint
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/cfn-lint deploy/resources.yaml

format: $(READY) ## Format the code
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format .

lock: $(TOOLS_READY) ## Write requirements*.txt anew from requirements*.in, with hashes; UPGRADE=1: newest that fit
	@$(LOCK) requirements.in --output-file requirements.txt
	@$(LOCK) requirements-dev.in --constraint requirements.txt --output-file requirements-dev.txt
	@$(LOCK) requirements-notebook.in --constraint requirements-dev.txt --output-file requirements-notebook.txt
	@$(LOCK) requirements-harden.in --output-file requirements-harden.txt

deploy: $(READY) ## Deploy to AWS: STAGE=dev or prod; ALARM_EMAIL=you@example.com is told of alarms
	@$(VENV)/bin/python -m deploy deploy $(AWS_STAGE)

status: $(READY) ## What of STAGE is deployed where
	@$(VENV)/bin/python -m deploy status $(AWS_STAGE)

destroy: $(READY) ## Take STAGE down; its orders and users stay; YES=1 does not ask
	@$(VENV)/bin/python -m deploy destroy $(AWS_STAGE) $(if $(YES),--yes)

stack: $(READY) ## Only the stack of STAGE, as a pipeline needs it before package
	@$(VENV)/bin/python -m deploy stack $(AWS_STAGE)

package: $(READY) ## The SAM template and zip of STAGE, for a pipeline, in build/
	@$(VENV)/bin/python -m deploy package $(AWS_STAGE)

mail: $(READY) ## The latest mail of the local cloud: TO=ann@example.com
	@$(VENV)/bin/python -m local mail

staff: $(READY) ## Make somebody staff: STAGE=local VENDOR=v0 STAFF=Paul
	@$(VENV)/bin/python -m $(if $(filter local,$(STAGE)),local staff,deploy staff $(AWS_STAGE))

openapi: $(READY) ## Write chalicelib/openapi.json anew after a change to routes or messages
	@$(VENV)/bin/python -m tools openapi

sdk: $(READY) ## Write chalicelib/sdk anew after an upgrade of botocore
	@$(VENV)/bin/python -m tools sdk

clean: ## Remove what the commands made
	rm -rf $(VENV) .local build .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one, as in PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV), once ..."
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python $(PIP_INSTALL) --no-deps --require-hashes --requirement requirements-dev.txt
	@$(VENV)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(NOTEBOOK_READY): $(READY) requirements-notebook.txt
	@echo "Adding Jupyter to $(VENV), once ..."
	@$(VENV)/bin/python $(PIP_INSTALL) --no-deps --require-hashes --requirement requirements-notebook.txt
	@touch $@

$(TOOLS_READY): $(READY) requirements-harden.txt
	@echo "Setting up $(TOOLS), once ..."
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python $(PIP_INSTALL) --no-deps --require-hashes --requirement requirements-harden.txt
	@touch $@
