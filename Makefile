# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup chromium screenshots-discord run bot test lint types bench soak screenshots test-local-llm clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(STAMP)

run: setup
	$(BIN)/elsewhere serve

bot: setup
	$(BIN)/elsewhere bot

# The browser of the tests, from the system's own packages, unless there is one.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || test -n "$$CHROMIUM" \
	|| { sudo=$$(command -v sudo || true); \
	     $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends chromium >/dev/null; }

# What docs/discord.md shows: the real bot, played in a virtual Discord.
screenshots-discord: setup chromium
	$(BIN)/python -m tests.discord_bot.screenshots

# Fast ones first. Three at a time keep two cores busy. What measures time runs alone.
test: setup chromium
	$(BIN)/pytest -n 3 --dist worksteal -m "not slow and not soak and not local_llm"
	$(BIN)/pytest -n 3 --dist worksteal -m "slow and not alone and not soak and not local_llm"
	$(BIN)/pytest -m "alone and not soak and not local_llm"

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The browser client's types, made anew and checked. Who changes the client needs Node for it;
# nobody else does: a test without Node knows types that are not of today's schemas.
types: setup
	npm install --silent --no-package-lock --no-audit --no-fund
	npm run --silent api
	git diff --exit-code -- app/web/static/js/api.d.ts
	npm run --silent check

# A quarter of an hour on a quiet machine; the table is written into docs/figures.md as well.
bench: setup
	$(BIN)/python -m bench --write

# The real client, played and painted for docs/pictures/web-*.webp. The references of its tests:
# python -m tests.web.screenshots --references
screenshots: setup chromium
	$(BIN)/python -m tests.web.screenshots

# An evening, one after the other: the games of Hypothesis and the hour come last. What was measured
# is written into docs/figures.md; a failure stops nothing, and all are told of at the end.
soak: setup
	$(BIN)/pytest -v -m soak --timeout 7200 --figures -ra --durations 0 --durations-min 1

# Ten turns against two real model servers with a small model: see tests/local_llm/requirements.txt
# for what it installs, and under which terms. It compiles for a quarter of an hour the first time.
LLM_VENV := .venv-llm

test-local-llm: setup $(LLM_VENV)/.installed
	LOCAL_LLM_BIN=$(CURDIR)/$(LLM_VENV)/bin $(BIN)/pytest -m local_llm tests/local_llm --log-cli-level=INFO

$(LLM_VENV)/.installed: tests/local_llm/requirements.txt
	$(PYTHON) -m venv $(LLM_VENV)
	$(LLM_VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/local_llm/requirements.txt
	touch $@

clean:
	rm -rf $(VENV) $(LLM_VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
