# Two commands for a new machine: `make demo` and `make test`. Everything else is for those who change the code.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin
INSTALLED := .venv/.installed
COMPILED := .venv/.compiled

# Compiling each source anew is a fifth of the time of a test's `sijill`.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: screenshots demo test test-unit test-thorough test-spark check bench bench-full clean schema docs docs-reference lock wheel

demo: $(INSTALLED)
	$(BIN)/sijill demo --host $(HOST) --port $(PORT)

# In a few processes (tests/conftest.py), each with a server of its own. A module is of one process.
test: $(COMPILED)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# What needs no database, for the inner loop: under a minute.
test-unit: $(COMPILED)
	$(BIN)/python -m pytest tests/unit -n auto --dist loadfile --no-loadscope-reorder

# The same with every count in full: an hour or more.
test-thorough: $(COMPILED)
	SIJILL_THOROUGH=1 $(BIN)/python -m pytest

# Apache Spark is half a gigabyte, and wants Java 17 or later.
test-spark: $(COMPILED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	$(BIN)/python -m pytest -rs tests/integration/test_rebuild_on_spark.py

check: $(INSTALLED)
	! git grep -nE '^(<{7}|>{7}) '
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/hadolint deploy/Containerfile
	$(BIN)/compose-lint deploy/compose.yaml

# dist/sijill-VERSION-py3-none-any.whl, which pip installs on any machine.
wheel: $(INSTALLED)
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

bench: $(COMPILED)
	$(BIN)/python -m benchmarks

# Hours: up to 10 million facts. Peers on Java are fetched by Maven where there is one.
bench-full: $(COMPILED)
	$(BIN)/python -m benchmarks --plan full

# Of a server of the sample record, such as `make demo` starts.
screenshots: $(INSTALLED)
	$(BIN)/python tools/screenshots.py http://$(HOST):$(PORT)

schema: $(INSTALLED)
	$(BIN)/sijill schema > api/graphql/schema.graphql

# The pages of docs/ that say what the code says.
# The site of docs/, into site/: in English, then its Arabic pages from right to left.
docs: $(INSTALLED)
	$(BIN)/zensical build --clean --config-file zensical.toml
	$(BIN)/zensical build --clean --config-file zensical.ar.toml

docs-reference: $(INSTALLED)
	PYTHONPATH=. $(BIN)/python tools/reference.py
	PYTHONPATH=. $(BIN)/python tools/program_reference.py
	PYTHONPATH=. $(BIN)/python tools/sheet_map_reference.py

.venv: $(COMPILED)

# Twice as fast where there is a C compiler; all the same where there is none.
$(COMPILED): $(INSTALLED) tools/compile.py $(wildcard domain/*.py) projections/projector.py projections/rows.py
	$(BIN)/python tools/compile.py
	touch $@

$(INSTALLED): requirements-dev.lock pyproject.toml tools/page_files.py tools/readers.py tools/node.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sijill needs Python 3.11 or later: run make PYTHON=python3.11 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m tools.page_files
	$(BIN)/python -m tools.readers
	touch $@

# The lock files name packages and hashes, never an index or an address.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml
lock:
	$(LOCK) -o requirements.lock
	$(LOCK) --extra dev -c requirements.lock -o requirements-dev.lock
	$(LOCK) --extra pyspark -c requirements.lock -o requirements-spark.lock

clean:
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
