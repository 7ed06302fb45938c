# `make demo` and `make test` do all of their own set-up: they need Python 3.11 with venv, and the package registry.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# One more than there are processors: many tests wait for a server or a moment.
WORKERS := $(shell expr $$(nproc 2>/dev/null || echo 1) + 1)

# Only this folder's environment counts, whatever the caller's shell has switched on.
# Without compiled modules each start of syncd would compile all of them anew.
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME UV_PROJECT_ENVIRONMENT UV_PYTHON SYNCD_CONFIG SYNCD_STORE_URL
export UV_PYTHON_DOWNLOADS := never

.PHONY: setup demo test oracle lint types format peers bench clean

$(READY): pyproject.toml uv.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv sync --quiet --frozen --all-extras
	touch $@

setup: $(READY)

demo: $(READY)
	$(BIN)/syncd demo

test: $(READY)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not peer and not oracle"

# Random worlds billed a second time by other code, for so many seconds of work: make oracle SEED=5000 SECONDS=600.
SEED ?= 0
SECONDS ?= 60
oracle: $(READY)
	ORACLE_SEED=$(SEED) ORACLE_SECONDS=$(SECONDS) $(BIN)/pytest -q -s --timeout 0 -m oracle tests/oracle

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Real servers from Debian's packages; installs them, so it needs root.
peers: $(READY)
	$(BIN)/pytest -m peer

# Speed against the goals of docs/speed.md; takes minutes, and wants an idle machine. Few: make bench BENCH="p6 p9".
bench: $(READY)
	$(BIN)/python -m bench $(BENCH)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist demo
