# What a person does with this checkout. `make` alone lists it.

CARGO ?= cargo
WITH_POSTGRES = scripts/with-postgres.sh

.PHONY: help demo test soak live-test bench bench-python lint arrows

help:
	@echo "make demo    move the HR schema from the embedded Oracle stand-in to PostgreSQL, online (KEEP=1 keeps the server)"
	@echo "make test    every test, against a real PostgreSQL"
	@echo "make soak    the long form of the tests: many more cases, every crash, fuzzing"
	@echo "make live-test  oracle-source's scenarios on your own Oracle (ORACLE_TEST_DSN, ORACLE_TEST_USER, ORACLE_TEST_PASSWORD), with a record"
	@echo "make bench   the measurements, beside their peers; make bench-python beside Python's"
	@echo "make lint    format, clippy, documentation, arrows between the crates"

demo:
	$(CARGO) build --release --package examples --package oracle-standin --bins --lib
	KEEP=$(KEEP) $(WITH_POSTGRES) examples/demo.sh

test:
	$(WITH_POSTGRES) $(CARGO) test --workspace --features examples/failpoints,examples/thin

soak:
	$(WITH_POSTGRES) scripts/soak.sh

live-test:
	@if [ -z "$$ORACLE_TEST_DSN" ]; then \
		echo "NOT RUN: live-test needs ORACLE_TEST_DSN, ORACLE_TEST_USER and ORACLE_TEST_PASSWORD (CONTRIBUTING.md says of whom)"; \
	else \
		$(CARGO) test --package oracle-source --features thin --test it -- --exact live::on_a_real_oracle --nocapture; \
	fi

bench:
	$(WITH_POSTGRES) $(CARGO) bench --package benches

bench-python:
	$(WITH_POSTGRES) benches/python/run.sh

lint: arrows
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --all-features
	for crate in type-convert schema-map cdc-logminer oracle-assessment oracle-source pg-sink; do \
		$(CARGO) check --quiet --package $$crate --no-default-features || exit 1; \
		$(CARGO) check --quiet --package $$crate --all-features || exit 1; \
	done

arrows:
	scripts/check-arrows.sh
