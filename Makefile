# The front doors. `make run` shows the demonstration city; `make test` runs everything.
SHELL := bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.PHONY: run demo build assets test lint fmt release bench kill two security oidc audit-deps clean help

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: build ## build, load the demonstration city, serve on http://127.0.0.1:8080
	target/debug/qishu demo --if-empty
	exec target/debug/qishu serve

demo: build ## load the demonstration city anew into qishu-data
	rm -rf qishu-data
	target/debug/qishu demo

build: assets
	cargo build --workspace --locked

assets: crates/web/assets/vendor/tabler.min.css ## browser assets from npm packages
crates/web/assets/vendor/tabler.min.css: package-lock.json scripts/assets.mjs
	npm ci --ignore-scripts --no-audit --no-fund
	node scripts/assets.mjs
	touch $@

test: assets ## every test, on SQLite and PostgreSQL, and in a browser
	scripts/need.sh postgres browser fonts nextest
	scripts/with-postgres.sh cargo nextest run --workspace --locked
	cargo test --workspace --locked --doc -q
	node scripts/browser.mjs

lint: assets ## format, clippy, tidy rules, licences, unused dependencies
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo run -q -p xtask --locked -- tidy

fmt: ## format the code
	cargo fmt --all

release: assets ## the optimised binary (about 6 minutes on 2 idle cores)
	cargo build --workspace --release --locked

bench: bench/out/venv/bin/python ## measure beside peers (needs `make release`, about 20 minutes)
	scripts/need.sh postgres
	bench/run.sh

bench/out/venv/bin/python: bench/requirements.txt
	python3 -m venv bench/out/venv
	bench/out/venv/bin/pip install -q -r bench/requirements.txt
	touch $@

kill: build ## 100 × kill -9 during writes
	QISHU_KILLS=100 cargo nextest run --workspace --locked -E 'test(kill)'

two: build ## two servers on one PostgreSQL: sessions, search, locks, one of them killed
	scripts/with-postgres.sh node scripts/two-servers.mjs "$${CARGO_TARGET_DIR:-target}/debug/qishu"

security: build ## schemathesis over the API by every account, sqlmap on lists and search (about 3 minutes)
	scripts/security.sh

oidc: build ## sign in through a real OpenID Connect provider on a demonstration of its own (needs a Python package)
	scripts/oidc.sh

audit-deps: ## known holes in dependencies (needs the network: cargo-deny and its advisory database)
	cargo deny --version >/dev/null 2>&1 || cargo install cargo-deny --locked
	cargo deny check advisories

clean:
	rm -rf target node_modules crates/web/assets/vendor qishu-data qishu-data.field-key
