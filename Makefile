# Everything that is done with this repository. `make` alone says what there is.

CARGO ?= cargo
PYTHON ?= python3
TASKWAY := target/release/taskway

.PHONY: help dev build test test-all simulate model mutations rehearse deploy bench peers fmt tools

help:
	@echo 'make dev       build, start the embedded stack, run a first task, stay up (Ctrl-C ends)'
	@echo '               DEV="--data .taskway --port 9000" passes options on, see taskway dev --help'
	@echo 'make test      everything that CI runs'
	@echo 'make test-all  that, and what is slower: the suite with single writes, foreign SDKs, receivers in four languages'
	@echo '               (Node.js, Go) and a brief benchmark'
	@echo 'make simulate  a million faults, or SEED=7 STEPS=160 for one world; STORY=1 tells it, VERBOSE=1 adds times'
	@echo 'make model     check the protocol exhaustively, within bounds that it prints: VERBOSE=1 adds times'
	@echo 'make mutations break each rule of the protocol by itself; fails when a break is not found'
	@echo '               MUTATE="claim/" passes options on, see target/release/taskway-mutations --help'
	@echo 'make rehearse  deploy the template on an emulated AWS on this machine, stay up to try it'
	@echo 'make deploy    build and deploy to AWS; STAGE=dev or another section of samconfig.toml'
	@echo 'make bench     the benchmarks that need no other program, as tables and as JSON in benchmarks/results'
	@echo '               BENCH="--write docs/performance.md" writes the table there anew'
	@echo 'make peers     the same tasks by Taskway and by machinery, in turn; needs Go'
	@echo 'make fmt       format the code'

dev: build
	@scripts/dev $(TASKWAY) $(DEV)

build:
	@scripts/need $(CARGO) 'Rust: see https://rustup.rs'
	$(CARGO) build --locked --release -p taskway-cli

tools:
	@scripts/need $(PYTHON) 'Python 3.10 or newer, with venv; make test needs 3.11'

test: tools
	@scripts/need $(CARGO) 'Rust: see https://rustup.rs'
	@scripts/need node 'Node.js 20 or newer, with npm: see https://nodejs.org'
	$(CARGO) fmt --all --check
	@echo '== lints'
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	@echo '== licences and sources of the crates'
	scripts/test-crates $(PYTHON)
	@echo '== tests'
	$(CARGO) build --locked --workspace --bins
	$(CARGO) test --locked --workspace
	@echo '== the clients, the pages, the document and the dashboard; beside them the optimised build of the functions and the simulation'
	scripts/together \
	  'the Python client, the TypeScript client, the blocks of code and links in the pages' \
	  'scripts/test-python $(PYTHON) && scripts/test-typescript && scripts/test-pages $(PYTHON)' \
	  "the API's document, and that the API answers as it says" 'scripts/test-openapi $(PYTHON)' \
	  'the dashboard, in a browser' scripts/test-dashboard \
	  'the optimised build' 'nice scripts/build-optimized $(PYTHON)'
	@scripts/tools $(PYTHON) aws ministack
	scripts/test-stack $(PYTHON)

rehearse: tools
	@scripts/need $(CARGO) 'Rust: see https://rustup.rs'
	$(CARGO) build --locked -p taskway-cli
	@scripts/rehearse $(PYTHON)

mutations:
	@scripts/need $(CARGO) 'Rust: see https://rustup.rs'
	$(CARGO) build --quiet --locked --release -p taskway-mutations
	@target/release/taskway-mutations $(MUTATE)

STAGE ?= default
deploy: tools
	@scripts/need $(CARGO) 'Rust: see https://rustup.rs'
	@scripts/deploy $(PYTHON) $(STAGE)

test-all: test
	scripts/test-all $(PYTHON)

simulate:
	@scripts/need $(CARGO) 'Rust: see https://rustup.rs'
	$(CARGO) build --quiet --locked --release -p taskway-simulation
	@target/release/taskway-simulation $(if $(SEED),--seed $(SEED)) $(if $(STEPS),--steps $(STEPS))

model:
	@scripts/need $(CARGO) 'Rust: see https://rustup.rs'
	$(CARGO) run --locked --quiet --release -p taskway-model

bench:
	$(CARGO) build --locked --release -p taskway-cli -p taskway-benchmarks
	$(CARGO) build --locked --profile lambda -p taskway-submit -p taskway-executor -p taskway-scheduler -p taskway-empty
	target/release/taskway-benchmarks all $(BENCH)

# The program is a module of its own, with its own pinned dependencies: go.sum.
peers:
	@scripts/need go 'Go 1.25 or newer: see https://go.dev/dl'
	cd benchmarks/peers/machinery && go build -o ../../../target/peers/machinery-peer .
	$(CARGO) build --locked --release -p taskway-cli -p taskway-benchmarks
	target/release/taskway-benchmarks peers $(BENCH)

fmt:
	$(CARGO) fmt --all
