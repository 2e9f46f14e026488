# Everything that is done with this repository. `make` alone says what there is.

CARGO ?= cargo
PYTHON ?= python3
TASKWAY := target/release/taskway

.PHONY: help dev build test test-all bench fmt

help:
	@echo 'make dev       build, start the embedded stack, run a first task, stay up (Ctrl-C ends)'
	@echo '               DEV="--data .taskway --port 9000" passes options on, see taskway dev --help'
	@echo 'make test      everything that CI runs'
	@echo 'make test-all  that, and what is slower: template lint, foreign SDKs, functions under cargo-lambda'
	@echo 'make bench     all benchmarks, as tables and as JSON in benchmarks/results'
	@echo '               BENCH="--write docs/performance.md" writes the table there anew'
	@echo 'make fmt       format the code'

dev: build
	@scripts/dev $(TASKWAY) $(DEV)

build:
	@scripts/need $(CARGO) 'Rust: see https://rustup.rs'
	$(CARGO) build --locked --release -p taskway-cli

test:
	@scripts/need $(CARGO) 'Rust: see https://rustup.rs'
	$(CARGO) fmt --all --check
	@echo '== the domain is pure: it compiles without tokio, AWS, clock and randomness'
	$(CARGO) clippy --locked -p taskway --no-default-features -- -D warnings
	scripts/pure $(CARGO)
	@echo '== lints'
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	@echo '== tests'
	$(CARGO) build --locked --workspace --bins
	$(CARGO) test --locked --workspace

test-all: test
	scripts/test-all $(PYTHON)

bench:
	$(CARGO) build --locked --release -p taskway-cli -p taskway-benchmarks
	$(CARGO) build --locked --profile lambda -p taskway-submit -p taskway-executor -p taskway-scheduler -p taskway-empty
	target/release/taskway-benchmarks all $(BENCH)

fmt:
	$(CARGO) fmt --all
