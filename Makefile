# Every command first sets up .venv if that is needed; tools/set_up.py does it.
# PYTHON=python3.13 names the Python to use. Without it that is the one of .venv, or python3.
VENV := .venv
HARDEN_VENV := $(VENV)/.harden
# Modules, not the scripts in bin: their first line cannot contain every path.
RUN := $(VENV)/bin/python -m
# Python prints a traceback if Ctrl-C arrives while it starts. Where `env` can do it, SIGINT is blocked
# until then.
BLOCK_CTRL_C := $(shell env --block-signal=INT true 2>/dev/null && echo env --block-signal=INT)
# Only CI measures coverage, because that takes a fifth of the time.
COVERAGE := $(if $(CI),--cov --cov-report=term:skip-covered)
LOCK := $(HARDEN_VENV)/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

# The user's settings for Python (PYTHONPATH, PYTHONSAFEPATH, ...) are for other programs.
unexport $(filter PYTHON%,$(.VARIABLES))
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help demo run notebook test test-slow test-setup test-dynamodb test-sdk e2e harden bench screenshots lint format lock deploy smoke status \
  destroy stack package mail staff openapi sdk clean set-up set-up-notebook set-up-harden

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-15s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: set-up ## Run the whole story on a local cloud: sign up, log in, order, look up
	@$(BLOCK_CTRL_C) $(RUN) local demo

run: set-up ## Run the demo, then keep the service running; PORT=8000 sets the port
	@$(BLOCK_CTRL_C) $(RUN) local run

notebook: set-up-notebook ## Open the notebook beside a running service; Ctrl-C stops both
	@$(BLOCK_CTRL_C) $(RUN) local notebook

test: set-up-notebook ## Run all tests but the slow ones, as plain pytest does
	@$(RUN) pytest $(COVERAGE)

test-slow: set-up-notebook ## Run the slow tests: attacks in brief, failing deployments, plain Chalice, the set-up
	@$(RUN) pytest -m slow

test-setup: set-up-notebook ## Set up from nothing with several versions of Python and pip; ONLY=23.2.1 selects some
	@$(RUN) pytest tests/set_up/from_scratch.py tests/set_up/plain_chalice.py $(if $(ONLY),-k "$(ONLY)")

e2e: set-up-notebook ## Run the end-to-end tests only, including the package behind the gateway of the local cloud
	@$(RUN) pytest tests/e2e

test-dynamodb: set-up ## Run the tests of the tables on DynamoDB Local; needs Java 17 and npm
	@$(RUN) tests.dynamodb_local

test-sdk: set-up ## Run the packaged service on another SDK: BOTOCORE="botocore<1.41"; by default the newest
	@rm -rf build/sdk
	@$(RUN) pip install --quiet --disable-pip-version-check --target build/sdk "$(or $(BOTOCORE),botocore)"
	@SDK_FOLDER=$(CURDIR)/build/sdk $(RUN) pytest -q tests/e2e/test_sdk.py

harden: set-up-notebook set-up-harden ## Run the hardening tests at full length, and print what they tried
	@$(RUN) pytest -m slow --numprocesses 0 tests/hardening --full

bench: set-up-notebook ## Measure the service beside other programs, in benchmarks/RESULTS.md; QUICK=1, BASELINE=commit
	@$(RUN) benchmarks

screenshots: set-up-notebook ## Take new pictures of the page, and copy those that README.md shows
	@$(RUN) pytest --quiet -m "slow or not slow" tests/page/test_access.py tests/page/test_queue.py tests/page/test_board.py
	@cp build/screenshots/shop-menu-phone.png docs/images/customer.png
	@cp build/screenshots/queue-tablet.png docs/images/barista.png
	@cp build/screenshots/board-dark.png docs/images/board.png

lint: set-up-notebook ## Run ruff, mypy --strict and cfn-lint
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(VENV)/bin/cfn-lint deploy/resources.yaml deploy/account.yaml

format: set-up ## Format the code
	@$(RUN) ruff check --fix --quiet . ; $(RUN) ruff format .

lock: set-up-harden ## Write the locks again, with hashes; UPGRADE=1 takes the newest versions
	@$(LOCK) requirements.txt --output-file requirements.lock
	@$(LOCK) requirements-dev.in --constraint requirements.lock --output-file requirements-dev.txt
	@$(LOCK) requirements-notebook.in --constraint requirements-dev.txt --output-file requirements-notebook.txt
	@$(LOCK) requirements-harden.in --output-file requirements-harden.txt

deploy: set-up ## Deploy to AWS: STAGE=dev or prod; ALARM_EMAIL=you@example.com receives the alarms
	@$(BLOCK_CTRL_C) $(RUN) deploy deploy

smoke: set-up ## Check the live API of STAGE; SMOKE_USERNAME and SMOKE_PASSWORD add an order
	@$(BLOCK_CTRL_C) $(RUN) deploy smoke

status: set-up ## Print what is deployed for STAGE, and where
	@$(BLOCK_CTRL_C) $(RUN) deploy status

destroy: set-up ## Delete STAGE, except its orders and users; YES=1 does not ask
	@$(BLOCK_CTRL_C) $(RUN) deploy destroy

stack: set-up ## Create or update only the stack of STAGE, as a pipeline needs it before make package
	@$(BLOCK_CTRL_C) $(RUN) deploy stack

package: set-up ## Write the SAM template and zip of STAGE to build/, for a pipeline
	@$(BLOCK_CTRL_C) $(RUN) deploy package

mail: set-up ## Print the latest mail of the local cloud: TO=ann@example.com
	@$(BLOCK_CTRL_C) $(RUN) local mail

staff: set-up ## Add somebody to the staff of a vendor: STAGE=local VENDOR=v0 STAFF=Ann
	@$(BLOCK_CTRL_C) $(RUN) $(if $(filter local,$(STAGE)),local,deploy) staff

openapi: set-up ## Write chalicelib/openapi.json again after a change of routes or messages
	@$(BLOCK_CTRL_C) $(RUN) tools openapi

sdk: set-up ## Write chalicelib/sdk again after an upgrade of botocore
	@$(BLOCK_CTRL_C) $(RUN) tools sdk

clean: ## Delete what the commands made in this folder; deployed stages and their records stay
	@rm -rf $(VENV) .local build vendor .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name .git -prune -o \( -name __pycache__ -o -name '*.egg-info' -o -name .ipynb_checkpoints \
	  -o -path '*/.chalice/deployments' \) -prune -exec rm -rf {} +

define SET_UP
@$(BLOCK_CTRL_C) $(if $(PYTHON),"$(PYTHON)",$$(test -x $(VENV)/bin/python && echo $(VENV)/bin/python || echo python3)) -E -s -c \
  'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, this is %d.%d: name one, as in PYTHON=python3.12" % sys.version_info[:2]); from tools.set_up import main; main()' \
  $(if $(PYTHON),--this-python)
endef

set-up:
	$(SET_UP) --project $(VENV) requirements-dev.txt

set-up-notebook:
	$(SET_UP) --project $(VENV) requirements-dev.txt requirements-notebook.txt

set-up-harden: set-up
	$(SET_UP) $(HARDEN_VENV) requirements-harden.txt
