# make demo and make check do everything themselves; make help lists the rest.

PY := .venv/bin/python
LAB := $(PY) -m lab

.DEFAULT_GOAL := help
.PHONY: help demo check fmt lint test bench bench-start bench-swap faults sbom dist lab-build lab-up lab-down lab-status lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.ready lab-build ## deploy to a real cluster, break it, watch it come back
	@$(PY) -m examples.demo

check: .venv/.ready lint lab-build ## every check, then every test: what CI runs
	@$(PY) -m pytest -n 4 --cov --cov-report=

lint: .venv/.ready ## formatting, ruff, mypy --strict, import contracts
	@.venv/bin/ruff format --check -q . || { echo "make fmt puts this right"; exit 1; }
	@.venv/bin/ruff check -q .
	@$(PY) -m mypy --no-error-summary
	@said=$$(.venv/bin/lint-imports --no-logo 2>&1) || { echo "$$said"; exit 1; }

test: .venv/.ready ## tests that need no cluster
	@$(PY) -m pytest -q -m "not cluster"

fmt: .venv/.ready ## put formatting and imports in order
	@.venv/bin/ruff check -q --fix-only .
	@.venv/bin/ruff format -q .

bench: .venv/.ready lab-build ## time to restored, beside helm
	@$(PY) -m benchmarks.time_to_restored

bench-start: .venv/.ready lab-build ## size, start and peak memory, beside helm
	@$(PY) -m benchmarks.start_and_memory

bench-swap: .venv/.ready lab-build ## what customers notice of a swap, a swap back and a canary
	@$(PY) -m benchmarks.swap_times

faults: .venv/.ready lab-build ## what goes wrong, what is said of it, and how soon; WRITE=--write puts it into docs/faults.md
	@$(PY) -m benchmarks.fault_matrix $(WRITE)

sbom: .venv/.ready ## the bill of materials of what lastgood runs with, into dist/
	@$(PY) -m scripts.sbom

dist: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct)
dist: .venv/.ready ## what a release is made of, built anew and checked, into dist/
	@rm -rf dist
	@$(PY) -m hatchling build -d dist
	@$(PY) -m scripts.sbom
	@LASTGOOD_DIST=dist $(PY) -m pytest -q tests/test_wheel.py tests/test_sbom.py
	@cd dist && sha256sum * >SHA256SUMS && cat SHA256SUMS

lab-build: .venv/.ready ## build the lab's Kubernetes, once (minutes the first time)
	@$(LAB) packages
	@$(LAB) build

lab-up: lab-build ## a real cluster of one node; kubeconfig in .lab/kubeconfig
	@$(LAB) up

lab-down: .venv/.ready ## take the lab down; nothing stays behind
	@$(LAB) down

lab-status: .venv/.ready ## is the lab running?
	@$(LAB) status

lock: .venv/.ready ## lock the dependencies again
	@.venv/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-annotate pyproject.toml -o requirements/runtime.txt
	@.venv/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-annotate pyproject.toml --group dev \
		-c requirements/runtime.txt -o requirements/dev.txt
	@echo uv | .venv/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-annotate - -o requirements/uv.txt

clean: ## remove what make made here (the lab's build stays in its cache)
	@if [ -x $(PY) ]; then $(LAB) down; fi
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage* dist build

.venv/.ready: requirements/dev.txt requirements/uv.txt scripts/setup
	@scripts/setup
