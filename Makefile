# make demo    sets everything up and shows a morning's digest of invented people
# make test    sets everything up and runs the tests
# make check   style, types and floors
# make docs    writes into README and docs/ what the commands print
# make bench   speed and quality; needs AULD_DATA for the second
# make soak    thousands of kills and of random faults; an hour or two. In five minutes: make soak SOAK='--minutes 5'
#
# Needs Python 3.11 or newer with its venv module, make and git. Another Python: make PYTHON=python3.12 demo

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check docs format bench soak lock clean

ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11 python; do \
	$$each -c '$(ENOUGH)' 2>/dev/null && echo $$each && break; done)

VENV := .venv
PY := $(VENV)/bin/python
# Nothing is built here but auld itself: what is installed is what the hashes name.
PIP := $(PY) -m pip --disable-pip-version-check install --quiet
PINNED := $(PIP) --require-hashes --only-binary :all:
OURS := $(PIP) --no-deps --no-build-isolation --editable .
CODE := agent connectors nlp config tests bench

help:
	@sed -n 's/^# \{0,1\}//;1,8p' Makefile

demo: $(VENV)/ready
	@$(VENV)/bin/auld demo

test: $(VENV)/ready-to-test
	@$(PY) -m pytest -n 2

check: $(VENV)/ready-to-test
	@$(PY) -m ruff check $(CODE)
	@$(PY) -m ruff format --check $(CODE)
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports

docs: $(VENV)/ready-to-test
	@$(PY) -m tests.docs.blocks
	@$(PY) -m tests.docs.pages
	@$(PY) -m tests.docs.matrix

format: $(VENV)/ready-to-test
	@$(PY) -m ruff check --fix $(CODE)
	@$(PY) -m ruff format $(CODE)

bench: $(VENV)/ready-to-test
	@for each in bench/[a-z]*.py; do echo "== $$each"; $(PY) "$$each" || exit 1; done

soak: $(VENV)/ready-to-test
	@$(PY) -m tests.soak $(SOAK)

# A file that is newer than what was installed is installed anew; otherwise these cost nothing.
$(VENV)/ready: requirements.txt pyproject.toml | $(PY)
	@echo "Installing what auld needs into $(VENV); the first time this takes a minute or two (500 MB)."
	@$(PINNED) -r requirements.txt
	@$(OURS)
	@touch $@

$(VENV)/ready-to-test: requirements-dev.txt pyproject.toml | $(PY)
	@echo "Installing what auld and its tests need into $(VENV); the first time this takes a minute or two (500 MB)."
	@$(PINNED) -r requirements-dev.txt
	@$(OURS)
	@touch $(VENV)/ready $@

$(PY):
	@$(or $(PYTHON),false) -c '$(ENOUGH)' || { \
		echo "auld needs Python 3.11 or newer with its venv module (on Debian and Ubuntu: apt install python3-venv)."; \
		echo "Where it has another name, say so: make PYTHON=python3.12 $(MAKECMDGOALS)"; \
		exit 1; }
	@$(PYTHON) -m venv $(VENV)

# The pinned sets, anew from pyproject.toml: make lock; for newer versions: make lock UPGRADE=--upgrade
LOCK := $(PY) -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras --build-deps-for editable \
	--no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options $(UPGRADE)

lock: $(VENV)/ready-to-test
	@$(LOCK) --output-file requirements.txt pyproject.toml
	@$(LOCK) --output-file requirements-dev.txt --extra dev --constraint requirements.txt pyproject.toml

clean:
	@rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .demo
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
