# The targets create the virtual environment on first use, on Linux with the CPU build of PyTorch. TORCH=default installs the
# build that pip prefers, which on Linux brings gigabytes of CUDA libraries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test coverage lint audit clean

run: $(VENV)/.installed
	@$(BIN)/python bot.py start

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest

# Apart from `test`, because tracing takes half as long again.
coverage: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --cov --cov-report=term

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Known vulnerabilities in the libraries; says "Not checked" without a network.
audit: $(VENV)/.installed
	@$(BIN)/python deploy/audit.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

$(BIN)/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and \"Verbatim needs Python 3.11 or newer: make PYTHON=python3.12 run\")"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@$(BIN)/python deploy/install_torch.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	@$(BIN)/python deploy/install_torch.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@ $(VENV)/.installed
