# Every command sets up .venv by itself when needed.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo run test lint format clean

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## See the whole story on a local cloud: sign up, log in, order, look up
	@$(VENV)/bin/python -m cloud demo

run: $(READY) ## The same, then stay up; PORT=8000 names the port
	@$(VENV)/bin/python -m cloud run $(if $(PORT),--port $(PORT))

test: $(READY) ## Every test, with a coverage figure
	@$(VENV)/bin/pytest --cov --cov-report=term:skip-covered

lint: $(READY) ## ruff, format check, mypy --strict, cfn-lint
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/cfn-lint cloud/resources.yaml

format: $(READY) ## Format the code
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format .

clean: ## Remove what the commands made
	rm -rf $(VENV) .local .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(READY): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one, as in PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV), once ..."
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
