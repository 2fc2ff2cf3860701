# Everything a contributor runs. CI runs the same lines: see .ci/run.

GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: all site test full vet lint verify class bench clean

all: vet lint test verify

site:            ## run the lessons and make site/public
	go run ./runner build

test:            ## the quick tier, on any machine
	go test ./...

full:            ## every test; nothing may skip
	SOCKETS_TEST=full go test -p 1 -timeout 60m ./...

vet:
	go vet ./...
	GOOS=windows go vet ./...
	GOOS=darwin go vet ./...
	GOARCH=arm64 go vet ./...
	go mod tidy -diff

lint:
	go run $(GOLANGCI_LINT) run

verify:          ## run the lessons and compare with their recordings
	go run ./runner verify

class:           ## grade a class of 1,000, whole and in shards
	SOCKETS_TEST=full SOCKETS_CLASS=1000 go test -run 'TestClass$$' -v -timeout 90m ./runner/class

bench:           ## speed, each figure as a ratio to its floor
	go test -run '^$$' -bench . -benchtime 5x -timeout 30m ./runner/...

clean:
	rm -rf site/public .cache
