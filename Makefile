# make run    from a clone to a living demo brand on http://127.0.0.1:8080 (PORT=, DATA= change that; NO_DEMO=1 starts empty)
# make test   every test, with the servers they need
# make check  format, warnings as errors, house rules
# make bench  the figures of docs/benchmarks.md
.PHONY: run test check bench format

run:
	@PORT="$(PORT)" DATA="$(DATA)" scripts/run

test:
	@scripts/test

check:
	@scripts/check

bench:
	@scripts/bench $(BENCH)

format:
	swift format format --in-place --parallel --recursive Package.swift Sources Tests
