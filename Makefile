# One obvious verb each. `make demo` and `make test` set up what is missing.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
OUT    ?= demo

.PHONY: demo test fix lint check slow bench docs lock clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=25.1'

$(VENV)/.base: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.test: $(VENV)/.base
	$(PIP) install -c constraints.txt -e '.[all]' --group test
	@touch $@

$(VENV)/.all: $(VENV)/.test
	$(PIP) install -c constraints.txt --group lint --group docs --group browser --group lock
	@touch $@

demo: $(VENV)/.base  ## an invented business, reported on: prints where the report is
	$(BIN)/regulars demo --out $(OUT)
	$(BIN)/regulars report $(OUT)/data/orders.parquet --out $(OUT) \
	  --customers $(OUT)/data/customers.parquet --costs $(OUT)/data/costs.csv \
	  --subscriptions $(OUT)/data/subscriptions.parquet --tickets $(OUT)/data/tickets.parquet \
	  --conversations $(OUT)/data/conversations.parquet --messages $(OUT)/data/messages.parquet \
	  --surveys $(OUT)/data/surveys.parquet --today 2024-12-31

test: $(VENV)/.test  ## the default suite, under three minutes on two cores
	$(BIN)/python -m pytest -q -n auto --dist loadfile

fix: $(VENV)/.all
	$(BIN)/ruff check --fix src tests benchmarks
	$(BIN)/ruff format src tests benchmarks

lint: $(VENV)/.all
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	@! grep -n '://' constraints.txt || (echo 'constraints.txt must hold no addresses' && false)

check: lint test

slow: $(VENV)/.all node_modules/axe-core/axe.min.js  ## long tests and those that need a browser or a server
	$(BIN)/python -m pytest -q -m 'slow or browser'

node_modules/axe-core/axe.min.js:
	npm install --prefix . --silent --no-save --no-package-lock --no-audit --no-fund axe-core@4

docs: $(VENV)/.all
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

bench: $(VENV)/.all .venv-peers/.ready
	for file in benchmarks/[a-z]*.py; do OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python $$file || exit 1; done

.venv-peers/.ready: benchmarks/peers/requirements.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip --disable-pip-version-check --quiet install -r $<
	.venv-peers/bin/python -m compileall -q .venv-peers/lib
	@touch $@

lock: $(VENV)/.all
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	  --no-emit-index-url --all-extras --group test --group lint --group docs --group browser \
	  --group lock pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) .venv-peers demo out docs/_build
