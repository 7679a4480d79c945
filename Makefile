# Each target sets up what it needs; on a fresh machine only Python 3.11+ and make must be there.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Every cold start on the embedded AWS imports its packages anew: from compiled files.
unexport PYTHONDONTWRITEBYTECODE

PACKAGES := .venv/.installed
CDK := node_modules/.installed
LAYER := build/layer/.installed
ROOTCTL := .venv/bin/rootctl
SETUP := $(PACKAGES) $(CDK) $(LAYER) $(ROOTCTL)

.PHONY: help
help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: $(SETUP) ## Install everything into .venv, node_modules and build/ (the other targets do it for you)

$(PACKAGES): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "rootwarden needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which with PYTHON=...")'
	@echo "Installing Python packages into .venv (once; one to three minutes)"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

$(CDK): package.json package-lock.json $(PACKAGES)
	@echo "Installing the CDK command line into node_modules (once)"
	@npm ci --silent
	@touch $@

$(LAYER): lambdas/requirements.txt stacks/layer.py $(PACKAGES)
	@echo "Building the functions' layer into build/layer (once)"
	@python -m stacks.layer build/layer >/dev/null
	@touch $@

# The command line runs from the checkout: a change needs no installation.
$(ROOTCTL): pyproject.toml setup.py $(PACKAGES)
	@.venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: demo
demo: $(SETUP) ## Run the main job on the embedded AWS and show what happened
	@python -m local demo

.PHONY: playground
playground: $(SETUP) ## Try rootctl: a populated organization that any terminal's rootctl can work on, until Ctrl-C
	@python -m local playground

.PHONY: rootctl-docs
rootctl-docs: $(SETUP) ## Write docs/rootctl.md anew from what the commands say of themselves
	@python -m rootctl.documentation

.PHONY: test
test: $(SETUP) ## Run the tests, but for the long ones
	@pytest -n 2 --dist worksteal -m "not long and not deploy and not wheel"

.PHONY: test-all
test-all: $(SETUP) ## Run the tests, the long ones too: before a change is merged
	@pytest -n 2 --dist worksteal

.PHONY: prove-faults
prove-faults: $(SETUP) ## Let every AWS call of every scenario fail in every way; says what then does not hold
	@PYTHONHASHSEED=0 python -m proofs faults

SEEDS := 1000

.PHONY: simulate
simulate: $(SETUP) ## Play the whole system in virtual time, SEEDS=n stories of it
	@PYTHONHASHSEED=0 python -m proofs simulate --seeds $(SEEDS)

ENGINE := .venv-deploy/.installed
ENGINE_SDK := tests/deploy/node_modules/.installed

$(ENGINE): requirements-deploy-test.txt
	@echo "Installing the local engine into .venv-deploy (once)"
	@test -x .venv-deploy/bin/python || $(PYTHON) -m venv .venv-deploy
	@.venv-deploy/bin/pip install --quiet --require-hashes -r requirements-deploy-test.txt
	@touch $@

$(ENGINE_SDK): tests/deploy/package.json tests/deploy/package-lock.json $(PACKAGES)
	@npm ci --silent --prefix tests/deploy
	@touch $@

.PHONY: test-deploy
test-deploy: $(SETUP) $(ENGINE) $(ENGINE_SDK) ## Deploy with the CDK command line to a local engine, deploy again, destroy
	@pytest -m deploy tests/deploy

AUDIT := .venv-audit/.installed

$(AUDIT): requirements-supply-chain.txt
	@echo "Installing pip-audit, cyclonedx-bom and build into .venv-audit (once)"
	@test -x .venv-audit/bin/python || $(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/pip install --quiet --require-hashes -r requirements-supply-chain.txt
	@touch $@

.PHONY: audit
audit: $(PACKAGES) $(AUDIT) ## Look for known vulnerabilities in what the lock files pin; fails also where it could not look
	@python -m supply_chain.audit

.PHONY: sbom
sbom: $(PACKAGES) $(AUDIT) ## List what is installed, as CycloneDX, in build/sbom
	@python -m supply_chain.sbom

# The commit's time in place of the clock's: the same commit gives the same wheel.
.PHONY: wheel
wheel: $(AUDIT) ## Build the wheel and the source distribution of rootctl into build/dist
	@rm -rf build/dist
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) \
		.venv-audit/bin/python -m build --no-isolation --outdir build/dist . >/dev/null
	@ls build/dist

.PHONY: test-wheel
test-wheel: $(SETUP) wheel ## Install the wheel where nothing else is; run rootctl, synthesize an app of one's own
	@pytest -m wheel tests/wheel

.PHONY: layer-twice
layer-twice: $(LAYER) ## Build the functions' layer a second time and compare: the same bytes
	@python -m stacks.layer build/layer-again >/dev/null
	@diff --recursive --exclude=.installed build/layer build/layer-again || \
		{ echo "The layers differ. If build/layer is of an earlier version: rm -rf build/layer"; exit 1; }
	@! grep --recursive --files-with-matches --fixed-strings "$(CURDIR)" build/layer-again
	@echo "The same bytes twice: $$(find build/layer-again -type f | wc -l) files"
	@rm -rf build/layer-again

.PHONY: lint
lint: $(SETUP) ## Check formatting, style, types and import directions
	@ruff format --check --quiet .
	@ruff check --quiet .
	@mypy
	@lint-imports --no-logo

.PHONY: check
check: lint test ## Lint and the short tests: before you send a change

.PHONY: synth
synth: $(SETUP) ## Synthesize the CloudFormation templates into cdk.out, checked by cdk-nag
	@npx cdk synth --quiet $(CDK_ARGS)

.PHONY: package
package: synth ## Write templates, functions and layer into dist/, for deploying without CDK (docs/ways-to-deploy.md)
	@python -m without_cdk

.PHONY: policies
policies: synth ## Write the IAM policies it takes to deploy into build/policies, and say how to create them
	@python -m deploying

# One set of credentials deploys everything where the hub's account trusts the management account; otherwise
# make deploy HUB_PROFILE=security MANAGEMENT_PROFILE=management. The management account's Regions come before the
# organization's stack, whose StackSet goes to every account. Stacks deployed at once cannot ask for approval: each
# of the Regions' has one role, which may send events to the hub.
HUB := $(if $(HUB_PROFILE),--profile $(HUB_PROFILE))
MANAGEMENT := $(if $(MANAGEMENT_PROFILE),--profile $(MANAGEMENT_PROFILE))

.PHONY: deploy
deploy: $(SETUP) ## Deploy every stack, the hub first (HUB_PROFILE=..., MANAGEMENT_PROFILE=..., PREFIX=..., CDK_ARGS="-c ...")
	@npx cdk deploy $(PREFIX)RootWardenHub --exclusively $(HUB) $(CDK_ARGS)
	@npx cdk deploy '$(PREFIX)RootWardenForwarding-*' --exclusively --ignore-no-stacks --concurrency 8 \
		--require-approval never $(MANAGEMENT) $(CDK_ARGS)
	@npx cdk deploy $(PREFIX)RootWardenOrganization --exclusively $(MANAGEMENT) $(CDK_ARGS)

.PHONY: bench-events
bench-events: $(SETUP) ## Measure storms of events in virtual time: how fast they are worked off, how late alerts are
	@python -m benchmarks.events

.PHONY: benchmark
benchmark: $(SETUP) ## Measure how long harden_account takes to initialise, and how fast a sweep is
	@python -m benchmarks.cold_start
	@python -m benchmarks.sweep

.PHONY: prove-permissions
prove-permissions: $(SETUP) ## Judge every call, permission and arrow against the synthesized policies
	@python -m proofs permissions

.PHONY: permissions-page
permissions-page: $(SETUP) ## Write the tables of docs/permissions.md anew, by the same proof; what a line is for stays
	@python -m proofs permissions --write

.PHONY: fuzz
fuzz: $(SETUP) ## Hand 100,000 things that strangers may write to all that takes them
	@python -m proofs fuzz

MUTANTS := .venv-mutants/.installed

$(MUTANTS): requirements-dev.txt requirements-mutants.txt
	@echo "Installing mutmut, with what the tests need, into .venv-mutants (once)"
	@test -x .venv-mutants/bin/python || $(PYTHON) -m venv .venv-mutants
	@.venv-mutants/bin/pip install --quiet --require-hashes -r requirements-dev.txt -r requirements-mutants.txt
	@touch $@

PACKAGE := hardening
MUTATED := hardening activity recovery sweep

.PHONY: mutants
mutants: $(SETUP) $(MUTANTS) ## Change a package a little, over and over, and say what no unit test sees: PACKAGE=hardening
	@test -n "$(filter $(PACKAGE),$(MUTATED))" || { echo "PACKAGE takes one of: $(MUTATED)" >&2; exit 2; }
	@.venv-mutants/bin/mutmut run "rootwarden.$(PACKAGE).*"
	@.venv-mutants/bin/mutmut results >mutants/results.txt
	@grep "rootwarden\.$(PACKAGE)\." mutants/results.txt || echo "the unit tests see every change"

.PHONY: files-opened
files-opened: $(SETUP) ## Count the files a reader opens to follow an event or a command to its end
	@python -m benchmarks.files_opened

.PHONY: schemas
schemas: $(PACKAGES) ## Write the outcomes' JSON Schemas and the tables of docs/events.md, and the configuration's schema
	@python -m schemas
	@python -m stacks.configuration.schema

.PHONY: lock
lock: $(PACKAGES) ## Renew the lock files from the .in files (needs uv on the PATH)
	for name in lambdas/requirements requirements requirements-dev requirements-deploy-test requirements-supply-chain requirements-mutants; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $$name.in -o $$name.txt; done
	npm install --silent --package-lock-only
	npm install --silent --package-lock-only --prefix tests/deploy
