# Needs GNU make 3.81 or newer, and Python 3.11 or newer. Nothing needs to be activated.

ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
endif

BIN := .venv/bin
# What a shell or an editor has set for another Python must not reach ours.
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV __PYVENV_LAUNCHER__
# Static tools load the settings; no server is started or asked.
NO_SERVERS := DEBUG=1 DATABASE_URL=postgres://127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0

# A venv works only where it was made, and only with the Python that made it. When it was copied, moved, or its Python
# is gone, it is made anew.
ifneq ($(shell [ "$$(cat .venv/.made-in 2>/dev/null)" = "$$(pwd -P)" ] && $(BIN)/python -m pip -V >/dev/null 2>&1 && echo whole),whole)
HEAL := heal
endif

.DEFAULT_GOAL := help
.PHONY: help run test explore lint format types contracts migrations security check peers browser screenshots api bench chaos mutants lock clean heal

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: .venv/.local  ## Run the whole service on this machine (PORT=8000)
	@exec $(BIN)/python -m openpost.devserver

test: .venv/.dev  ## Run the tests on all cores (ARGS="-k name" chooses)
	@$(BIN)/python -m pytest -n auto -m "not exhaustive" $(ARGS)

explore: .venv/.dev  ## Run the tests that try all there is: every race, every screen, whole deploys (ARGS="-k name")
	@$(BIN)/python -m pytest -n auto -m exhaustive $(ARGS)

lint: .venv/.dev  ## Find mistakes and unformatted files
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: .venv/.dev  ## Format all files and mend what can be mended
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format .

types: .venv/.dev  ## Check the types
	@$(NO_SERVERS) $(BIN)/python -m mypy .

contracts: .venv/.dev  ## Check that imports go one way
	@$(BIN)/lint-imports

migrations: .venv/.dev  ## Check that no migration is missing, and that none stops the code that runs beside it
	@$(NO_SERVERS) $(BIN)/python -W "ignore:Got an error checking:RuntimeWarning" manage.py makemigrations --check --dry-run
	@$(BIN)/python -m tests.migration_linter

# What bandit looks for, ruff's S rules find in `lint`.
security: .venv/.dev  ## Look for committed keys, and for known holes of what is pinned (says so where it is offline)
	@git ls-files -z -- ':!requirements*.txt' | xargs -0 $(BIN)/detect-secrets-hook --baseline .ci/secrets.json
	@$(BIN)/python .ci/audit.py

check: lint types contracts migrations  ## Run all static checks

peers: .venv/.dev  ## Install the real servers that some tests talk to (a Node and a Bluesky PDS)
	@$(BIN)/python -m tests.peers.install

browser: .venv/.dev  ## Make sure that there is a Chromium for the tests that drive one (CHROMIUM=path names yours)
	@$(BIN)/python -m tests.browser.chromium

screenshots: .venv/.dev browser  ## Take a picture of every screen, light, dark and on a phone (ARGS="folder --only name")
	@$(BIN)/python -m tests.browser $(ARGS)

api: .venv/.dev  ## Make thousands of requests of the API's description, and hold each answer to it (SEED=n)
	@$(BIN)/python -m tests.api $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: .venv/.dev  ## Measure what the service does in a second and what it costs, beside limits of the same run (ARGS=--help)
	@$(BIN)/python -m tests.bench $(ARGS)

# Only what was asked for: ONLY="sending*twitter", LONG=1, SEED=7, ARGS="--markdown docs/chaos.md".
CHAOS = $(if $(ONLY),--only "$(ONLY)") $(if $(LONG),--long) $(if $(SEED),--seed $(SEED)) $(ARGS)
chaos: .venv/.dev peers  ## Kill and fail everything at every step, and count at the platforms (ONLY=pattern, LONG=1, SEED=n)
	@$(BIN)/python -m tests.chaos $(CHAOS)

mutants: .venv/.dev peers  ## Take each guard out of the engine, and see that chaos catches it (ONLY=pattern)
	@$(BIN)/python -m tests.chaos.mutants $(if $(ONLY),--only "$(ONLY)") $(ARGS)

LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links
lock: .venv/.dev  ## Pin the dependencies of pyproject.toml with hashes (ARGS=--upgrade for newer ones)
	$(LOCK) $(ARGS) -o requirements.txt
	$(LOCK) $(ARGS) --group local -o requirements-local.txt
	$(LOCK) $(ARGS) --group dev -o requirements-dev.txt

clean:  ## Remove .venv and caches; the data in .openpost stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache staticfiles
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtual environment. Each stamp is written last, so that an install that broke off is done again.

.venv/.made-in: $(HEAL)
	@[ -n "$(PYTHON)" ] || { echo "OpenPost needs Python 3.11 or newer: install one, or name it with PYTHON=/path/to/python3."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "$(PYTHON) is not a Python 3.11 or newer: name one with PYTHON=/path/to/python3."; exit 1; }
	@echo "Making .venv with $$("$(PYTHON)" --version)"
	@rm -rf .venv
	@"$(PYTHON)" -m venv .venv >/dev/null 2>&1 && $(BIN)/python -m pip -V >/dev/null 2>&1 || \
		{ rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv."; exit 1; }
	@pwd -P > $@

# Dots while pip works; they end with this shell however it ends.
define install
@echo "Installing $$(grep -c '^[a-z0-9].*==' $(1)) pinned packages of $(1) (the first time takes about a minute)"
@while kill -0 $$$$ 2>/dev/null; do printf .; sleep 1; done & dots=$$!; trap 'kill $$dots 2>/dev/null' EXIT; \
	trap 'exit 1' INT TERM; PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 \
	$(BIN)/python -m pip install --quiet --quiet --no-input --require-hashes -r $(1) && echo " done"
endef

.venv/.local: requirements-local.txt .venv/.made-in
	$(call install,requirements-local.txt)
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.made-in
	$(call install,requirements-dev.txt)
	@touch .venv/.local $@
