# A newcomer's menu: `make` alone prints it.

SHELL := /bin/bash
DB ?= sqlite
# More than one process of a service, such as REPLICAS="order=2 payment=2"; needs DB=postgres.
REPLICAS ?=
# Where the gateway listens, and the first of the ports for everything else.
PORT ?= 8080
BASE_PORT ?= 7100
# Where databases, streams, keys and logs are kept.
DATA ?= .data
TARGET := $(or $(CARGO_TARGET_DIR),target)
BUF := target/tools/node_modules/.bin/buf
# Debian's packages of what is not here.
MISSING := $(strip \
	$(if $(shell command -v cc),,gcc libc6-dev) \
	$(if $(or $(wildcard /usr/sbin/nats-server),$(shell command -v nats-server)),,nats-server))
MISSING_POSTGRES := $(if $(wildcard /usr/lib/postgresql/*/bin/postgres),,postgresql)
NEXTEST := $(shell command -v cargo-nextest)
# Product files to search in the benchmark; without any, products are made up.
PRODUCTS ?= $(wildcard ../shared/data/products/icecat_*.jsonl.gz)
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: help run tour test check protos bench k8s tools tools-postgres format

help: ## This menu
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{ printf "  make %-8s %s\n", $$1, $$2 }'

run: tools $(if $(filter postgres,$(DB)),tools-postgres) ## Build and run the whole ecosystem here (DB=postgres for PostgreSQL, PORT=…); Ctrl-C ends it
	@echo "== building"
	cargo build --release --package tradewind
	@echo "== running"
	$(TARGET)/release/tradewind up --data $(DATA) --db $(DB) --port $(PORT) --base-port $(BASE_PORT) $(addprefix --replicas ,$(REPLICAS))

tour: ## Walk through the whole story on what `make run` started
	$(TARGET)/release/tradewind tour --data $(DATA) --gateway http://127.0.0.1:$(PORT)

test: tools tools-postgres ## Run every test, on SQLite and on a PostgreSQL of its own
	@echo "== building the program that journeys across services start"
	cargo build --package tradewind
	@echo "== examples in the documentation"
	cargo test --workspace --doc --quiet
	@echo "== every test, on SQLite and on PostgreSQL"
ifneq ($(NEXTEST),)
	.ci/with-postgres cargo nextest run --workspace
else
	.ci/with-postgres cargo test --workspace --no-fail-fast
endif
ifneq ($(wildcard ../shared/data/products/judgments.csv),)
	@echo "== how good searches are, by human judgement"
	cargo test --workspace --lib --quiet -- --ignored search::judged
endif

check: deny ## Format, lints, protos and dependencies, with warnings denied
	@echo "== format"
	cargo fmt --all --check
	@echo "== lints"
	cargo clippy --workspace --all-targets -- --deny warnings
	@$(MAKE) --no-print-directory protos
	@echo "== dependencies"
	cargo deny --log-level error check bans licenses sources

protos: buf ## Lint the protos, and hold them against those of the newest release
	@echo "== protos"
	cd proto && ../$(BUF) lint
	@released=$$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || git rev-parse --quiet --verify HEAD~1 || true); \
	if [ -n "$$released" ] && git ls-tree "$$released" proto/buf.yaml | grep -q .; then \
		echo "== protos against $$released"; \
		$(BUF) breaking proto --against "$$(git rev-parse --git-common-dir)#ref=$$(git rev-parse "$$released^{commit}"),subdir=proto"; \
	fi

bench: tools tools-postgres ## Measure the stack in release mode (PRODUCTS=files to search); figures in target/bench.json
	cargo build --release --package tradewind
	$(TARGET)/release/tradewind bench $(addprefix --products ,$(PRODUCTS))

k8s: ## Hold the manifests for Kubernetes against settings, protos and what kubectl renders (needs kubectl and openssl)
	cargo build --package tradewind
	cargo test --package tests --test k8s -- --include-ignored

format: ## Format the code
	cargo fmt --all

tools: ## Install what is missing: nats-server, a C compiler
	$(call install,$(MISSING))

tools-postgres:
	$(call install,$(MISSING_POSTGRES))

# Debian's packages, if there are any to install.
define install
	$(if $(1),@echo "== installing from Debian: $(1)"
	$(SUDO) apt-get update --quiet
	$(SUDO) apt-get install --yes --quiet --no-install-recommends $(1))
endef

.PHONY: buf deny
buf: $(BUF)
$(BUF):
	@echo "== installing buf from the npm registry"
	npm install --silent --no-fund --no-audit --prefix target/tools @bufbuild/buf@1

deny:
	@command -v cargo-deny >/dev/null || { echo "== building cargo-deny"; cargo install --locked cargo-deny; }
