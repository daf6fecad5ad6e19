# Two commands do all set-up: make run, make test.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
LDFLAGS  = -s -w -X main.version=$(VERSION)

export CGO_ENABLED = 0

.PHONY: run build test race lint bench fuzz crash docs clean

run: build
	./weir serve --data weir-data --channels examples/channels

build:
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o weir ./cmd/weir

test:
	$(GO) vet ./...
	$(GO) test ./...

# The packages that have goroutines. The race detector needs cgo; nothing that
# ships is built this way.
race:
	CGO_ENABLED=1 $(GO) test -race ./connector/... ./internal/bench ./internal/pipeline ./internal/script \
		./internal/script/xmlhost ./internal/store/... ./server ./wire/...

lint:
	$(GO) vet ./...
	test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	cd tools && $(GO) build -o ../.bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	./.bin/staticcheck ./...

bench: build
	for c in A B; do ./weir bench --channel test/bench-channels/$$c.xml; done
	$(GO) test -run '^$$' -bench . -benchtime 1s ./...

# Ten seconds for each fuzz test there is.
fuzz:
	@for p in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
			echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 10s $$p || exit 1; \
		done; \
	done

# Kills the engine ten times as often as the gate does, with either store.
crash:
	$(GO) test ./test -run TestKill -count 1 -timeout 2h -v -kills 1000

# Writes what is generated from the code: the reference pages.
docs:
	$(GO) test ./server -run TestReference -update

clean:
	rm -rf weir .bin
