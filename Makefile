# make demo: see a real run.  make test: every check.  make docs: the site.  All build .venv first if it is missing or older than pyproject.toml.
# LOCK: options for pip, as '--constraint requirements.lock' in CI.
PYTHON ?= python3
BIN := .venv/bin
UNLOCKED := ^(torch|torchvision|triton|nvidia-[a-z0-9-]*|cuda-[a-z0-9-]*|sympy|mpmath|networkx|fsspec|setuptools|typing[-_]extensions)( @|==)

.PHONY: demo docs test lint types lock clean

.venv/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("benchbox needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(LOCK) -e '.[dev,docs]'
	touch $@

demo: .venv/.ready
	mkdir -p build/demo
	@echo "label-only on digits, every method, seeds 0 and 1 of the suite's five: intervals over two seeds are wide"
	$(BIN)/benchbox run --suite label-only --dataset digits --seeds 2 --jobs 2 --db build/demo/results.db
	$(BIN)/benchbox leaderboard --db build/demo/results.db --print
	$(BIN)/benchbox leaderboard --db build/demo/results.db --out build/demo/leaderboard
	@echo "open build/demo/leaderboard/index.html in a browser"

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

types: .venv/.ready
	$(BIN)/mypy

docs: .venv/.ready
	$(BIN)/mkdocs build
	@echo "open build/site/index.html in a browser"

# The plugins that cheat are played afterwards and alone: some look for other processes of benchbox, or fill what all share.
test: lint types
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --ignore tests/cheats
	$(BIN)/pytest tests/cheats

lock: .venv/.ready
	mkdir -p build
	$(BIN)/python -m pip freeze --exclude-editable | grep -ivE '$(UNLOCKED)' > build/requirements
	{ grep '^#' requirements.lock; cat build/requirements; } > build/requirements.lock
	mv build/requirements.lock requirements.lock

clean:
	rm -rf .venv build dist
