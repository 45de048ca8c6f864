# Everything runs in .venv, which this file makes from python3, python3-venv and make.
# `make demo` and `make test` are all that a newcomer needs.

PYTHON ?= python3
BIN := .venv/bin
# Byte code is compiled: without it TensorFlow takes three times as long to import.
export PYTHONDONTWRITEBYTECODE =
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export TF_CPP_MIN_LOG_LEVEL = 3

.PHONY: demo test test-long lab build bench mutate lint clean

demo: .venv/installed
	@$(BIN)/python -m tests.sample_class demo

test: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long" --ignore tests/test_answers.py --ignore tests/test_solutions.py
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not long" tests/test_answers.py tests/test_solutions.py

test-long: .venv/installed
	$(BIN)/python -m pytest -n 2 --dist worksteal -m long

lab: .venv/installed
	$(BIN)/jupyter lab notebooks

build: .venv/installed
	$(BIN)/autograder build

bench: .venv/installed
	$(BIN)/python -m bench

mutate: .venv/installed
	$(BIN)/python -m tests.mutation

clean:
	rm -rf demo build dist .pytest_cache .ruff_cache

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 demo"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ echo "No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing into .venv (about a minute, and 2 GB of disk) ..."
	@$(BIN)/python -m pip install --quiet --compile --constraint constraints.txt --editable '.[dev]'
	@touch $@
