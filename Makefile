# Two commands matter: `make demo` and `make test`. The others are for those who change the code.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export TISSERAND_DATA ?= $(CURDIR)/var

# The second try is for networks whose certificates only the machine knows.
install = $(BIN)/uv pip install --quiet --python $(BIN)/python $(1) 2>/dev/null \
	|| $(BIN)/uv pip install --quiet --python $(BIN)/python --system-certs $(1)

.PHONY: demo test check bench locale format lock clean

demo: $(VENV)/.runtime
	@$(BIN)/tisserand demo --port $(PORT)

test: $(VENV)/.development
	@$(BIN)/python -m tools.test $(PYTEST)

check: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tools.templates --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@TISSERAND_DATA=$$(mktemp -d) $(BIN)/tisserand makemigrations --check --dry-run
	@TISSERAND_DATA=$$(mktemp -d) TISSERAND_URL=https://example.org $(BIN)/tisserand check --deploy --fail-level WARNING
	$(BIN)/python -m tools.locale check

bench: $(VENV)/.development
	$(BIN)/python -m bench $(BENCH)

locale: $(VENV)/.development
	$(BIN)/python -m tools.locale update

format: $(VENV)/.development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m tools.templates

# Locks hold hashes and no address: they are read from whatever index the machine uses.
lock: $(BIN)/uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 \
		pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 \
		--group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) var dist

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 ou plus récent est nécessaire : make PYTHON=python3.12 demo"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
		|| { echo "Il manque le module venv : sudo apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.runtime: requirements.lock pyproject.toml tisserand/locale/en/LC_MESSAGES/django.po | $(BIN)/uv
	@echo "Installation (moins d'une minute la première fois)…"
	@$(call install,--require-hashes -r requirements.lock)
	@$(call install,--no-deps -e .)
	@touch $@

$(VENV)/.development: requirements-dev.lock $(VENV)/.runtime
	@$(call install,--require-hashes -r requirements-dev.lock)
	@touch $@
