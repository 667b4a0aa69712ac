# Everything runs inside .venv, made from hash-pinned requirements. A stamp remembers which pins are installed, so a later start costs nothing.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python
UV := $(BIN)/uv
# The development pins contain the others: where they are installed, the product starts from them.
RUNTIME := $(if $(wildcard .venv/dev.pins),.venv/dev.pins,.venv/local.pins)

# Without compiled files every process is slower to start and larger.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: up test lint bench proof pins venv
.DEFAULT_GOAL := up

up: $(RUNTIME)
	@exec $(RUN) manage.py up

venv: .venv/dev.pins

test: .venv/dev.pins
	@exec $(RUN) -m tests

lint: .venv/dev.pins
	@$(RUN) -m tests.lint

bench: .venv/dev.pins
	@exec $(RUN) -m tests.bench $(if $(ONLY),--only=$(ONLY)) $(if $(KEEP),--keep)

proof: .venv/dev.pins
	@exec $(RUN) -m tests.proof $(if $(ONLY),--only=$(ONLY)) $(if $(ROUNDS),--rounds=$(ROUNDS)) $(if $(SEED),--seed=$(SEED))

# The pins are files without addresses: any index serves them, and a hash guards each package.
PIN := $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet
pins: .venv/pip
	echo uv | $(subst pyproject.toml,-,$(PIN)) --output-file requirements/boot.txt
	$(PIN) --group dev --output-file requirements/dev.txt
	$(PIN) --group local --constraints requirements/dev.txt --output-file requirements/local.txt
	$(PIN) --constraints requirements/dev.txt --output-file requirements/base.txt

.venv/pip:
	@command -v $(PYTHON) >/dev/null || { echo "make needs $(PYTHON), 3.11 to 3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "make needs Python 3.11 to 3.13: make PYTHON=python3.13")'
	@echo "making .venv"
	@$(PYTHON) -m venv .venv || { echo "on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/boot.txt \
		|| echo "uv is not to be had here: plain pip installs the rest, slower" >&2
	@touch $@

.venv/%.pins: requirements/%.txt | .venv/pip
	@echo "installing requirements/$*.txt"
	@if [ -x $(UV) ]; then \
		$(UV) pip sync --quiet --require-hashes --compile-bytecode --python $(RUN) $<; \
	else \
		$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $<; \
	fi
	@touch $@
