# Coffer's build. `make` lists the targets. Tools install themselves, pinned, into git-ignored folders; what must be
# there is Go, Node with npm, Python 3.11 or 3.12, a JDK with Maven and a C compiler.

FUZZTIME ?= 10s
TOOLS    := internal/tools
NODE     := $(TOOLS)/node_modules
# The one platform package that npm found fit for this machine.
BUF      := $(NODE)/@bufbuild/buf-*/bin/buf
BASELINE := $(TOOLS)/baseline.binpb
PROGRAMS := internal/clientstest/testdata

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help build generate lint format baseline test race fuzz bench demo run check clean clients bin/demo

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-10s %s\n", $$1, $$2}'

build: ## bin/cofferd and bin/coffer
	go build -trimpath -o bin/ ./cmd/...

generate: bin/.stamp .protodeps/.stamp $(NODE)/.stamp .cache/python/.stamp .cache/java/.stamp ## gen/ from proto/, for every language
	for template in buf.gen.yaml $(TOOLS)/buf.gen.*.yaml; do $(BUF) generate --template $$template || exit 1; done

lint: .protodeps/.stamp $(NODE)/.stamp bin/golangci-lint ## the API's style and compatibility, the code's style and layers
	$(BUF) lint
	$(BUF) format --diff --exit-code proto
	$(BUF) breaking proto --against $(BASELINE)
	bin/golangci-lint run ./...
	cd $(TOOLS) && $(CURDIR)/bin/golangci-lint run --config $(CURDIR)/.golangci.yml ./...

format: .protodeps/.stamp $(NODE)/.stamp bin/golangci-lint ## proto and Go files, in place
	$(BUF) format -w proto
	bin/golangci-lint fmt ./...

baseline: .protodeps/.stamp $(NODE)/.stamp ## take the API as it stands for what `make lint` keeps compatible with (at a release)
	$(BUF) build --path proto/coffer --exclude-source-info -o $(BASELINE)

test: clients ## every test but the long ones, the generated clients' and other languages' readers' included
	PATH="$(CURDIR)/.cache/python/bin:$$PATH" go test -tags interop ./...

race: clients ## the same under the race detector
	go test -race ./...

fuzz: ## every fuzz target for FUZZTIME (10s)
	@grep -rEo '^func Fuzz\w+' --include='*_test.go' --exclude-dir=node_modules internal pkg | while IFS=: read -r file func; do \
		echo "$${func#func } in $${file%/*}"; \
		go test -run '^$$' -fuzz "^$${func#func }\$$" -fuzztime $(FUZZTIME) "./$${file%/*}" || exit 1; \
	done

bench: ## the figures of the README, with the bars they are held to
	go run ./internal/bench

demo: bin/demo ## the main job, end to end, on a fresh data dir
	bin/demo demo

run: bin/demo ## a server on 127.0.0.1 or $COFFER_HTTP and $COFFER_GRPC, its data in .cache/run or $COFFER_DATA_DIR
	bin/demo run

# Not go run, which would leave it behind when make is told to end.
bin/demo:
	go build -trimpath -o bin/ ./internal/demo

check: ## what CI runs
	bash .ci/run

clean: ## remove what was built and installed; gen/ stays
	rm -rf bin .protodeps .cache $(NODE) gen/java/target $(foreach f,dist node_modules,gen/typescript/$f $(PROGRAMS)/typescript/$f)

# The generated clients with their runtimes, and the programs that use them: Python's in the environment .cache/python,
# TypeScript's in gen/typescript and dist beside its program, Java's in gen/java/target, Hadoop and Instill's SDK in .cache.
clients: .cache/python/.stamp .cache/instill/.stamp $(PROGRAMS)/typescript/dist/.stamp gen/java/target/.stamp .cache/java/.stamp

bin/.stamp: $(TOOLS)/go.mod $(TOOLS)/go.sum $(TOOLS)/protodeps/main.go
	go build -C $(TOOLS) -trimpath -o $(CURDIR)/bin/ tool ./protodeps
	@touch $@

bin/golangci-lint: $(TOOLS)/golangci/go.mod $(TOOLS)/golangci/go.sum
	go build -C $(TOOLS)/golangci -trimpath -o $(CURDIR)/bin/ tool
	@touch $@

.protodeps/.stamp: bin/.stamp
	bin/protodeps -o .protodeps
	@touch $@

# What the machine itself must have; see the script.
.cache/.prerequisites: $(TOOLS)/prerequisites.sh
	bash $<
	@mkdir -p $(@D) && touch $@

$(NODE)/.stamp: $(TOOLS)/package-lock.json | .cache/.prerequisites
	npm ci --prefix $(TOOLS)
	@touch $@

gen/typescript/dist/.stamp: gen/typescript/package-lock.json gen/typescript/tsconfig.json $(wildcard gen/typescript/src/coffer/v1/*) | .cache/.prerequisites
	npm ci --prefix gen/typescript
	npm run --prefix gen/typescript build
	@touch $@

$(PROGRAMS)/typescript/dist/.stamp: $(addprefix $(PROGRAMS)/typescript/,package-lock.json tsconfig.json quickstart.ts) gen/typescript/dist/.stamp
	npm ci --prefix $(@D)/..
	npm run --prefix $(@D)/.. build
	@touch $@

gen/java/target/.stamp: gen/java/pom.xml $(wildcard gen/java/src/main/java/dev/coffer/v1/*) | .cache/.prerequisites
	mvn --quiet --batch-mode -f $< package dependency:copy-dependencies
	@touch $@

.cache/python/.stamp: $(TOOLS)/python/requirements.txt gen/python/pyproject.toml
.cache/%/.stamp: $(PROGRAMS)/%/requirements.txt | .cache/.prerequisites
	python3 -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check $(patsubst %,-r %,$(filter %.txt,$^))
	$(if $(filter %.toml,$^),$(@D)/bin/pip install --quiet --disable-pip-version-check --no-build-isolation --editable gen/python)
	@touch $@

.cache/java/.stamp: $(TOOLS)/java/pom.xml | .cache/.prerequisites
	mvn --quiet --batch-mode -f $< -Dout=$(CURDIR)/.cache/java
	chmod +x .cache/java/protoc*
	@touch $@
