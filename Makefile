# Everything a person runs. Each target sets up what is missing first; `make demo` needs nothing but Python and make.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?=
export PYTHON
BIN := .venv/bin

.PHONY: help .venv dev demo test check bench lock format

help: ## what there is
	@grep -hE '^[a-z.-]+:.*## ' Makefile | sed 's/:.*## /\t/'

.venv: ## the virtual environment with what the program needs
	@sh config/bootstrap.sh run

dev: .venv ## ... and with what its tests and checks need
	@sh config/bootstrap.sh dev

demo: .venv ## mock platforms, embedded store, web page and console chat
	@$(BIN)/taoke demo $(ARGS)

test: dev ## the tests with coverage
	@rm -rf var/coverage && mkdir -p var/coverage
	@$(BIN)/coverage run -m pytest $(ARGS)
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report --format=total >var/coverage/total || { $(BIN)/coverage report; exit 1; }
	@$(BIN)/python config/checks/coverage_rules.py
	@echo "coverage: $$(cat var/coverage/total) %"

check: dev ## lint, format, types, import contracts, lock in step
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python config/checks/lock_in_step.py

format: dev ## put the code into its one form
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

bench: dev ## the benchmarks: a table, and var/bench.json
	@$(BIN)/python -m benchmarks $(ARGS)

lock: dev ## lay the locked requirements anew (needs the package index)
	@$(BIN)/python config/checks/lock_in_step.py --write
