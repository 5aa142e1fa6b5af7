# SPDX-License-Identifier: Apache-2.0
#
# One configuration builds everything, tests included: what is tested is what is installed.

SWIFT ?= swift
FLAGS := -c release -Xswiftc -enable-testing --explicit-target-dependency-import-check error
BUILT := .build/release
PROGRAMS := wharf wharfd wharf-runtime

PREFIX ?= /usr/local
DESTDIR ?=
SYSTEMD ?= $(PREFIX)/lib/systemd/system

# Suites that start a daemon, make namespaces or measure time: run one after another.
SERIAL := ^(IntegrationTests|NetworkNamespaceTests|RuntimeTests|ShimTests|SupervisorTests)\.

.PHONY: all build test fuzz runtime-conformance test-vm test-vm-short check fmt bench demo install uninstall clean dependencies test-dependencies
all: build

dependencies:
	@Scripts/install-dependencies build

build: dependencies
	$(SWIFT) build $(FLAGS)
	@mkdir -p bin
	@for program in $(PROGRAMS); do strip -o bin/$$program $(BUILT)/$$program; done
	@ls -l $(addprefix bin/,$(PROGRAMS))

test-dependencies:
	@Scripts/install-dependencies build test

test: test-dependencies
	$(SWIFT) build $(FLAGS) --build-tests
ifdef FILTER
	@Scripts/clean-up-tests
	$(SWIFT) test $(FLAGS) --skip-build --no-parallel --filter '$(FILTER)'
else
	Scripts/run-tests $(FLAGS) --skip-build -- '$(SERIAL)'
	$(BUILT)/runtime-conformance
endif

# libFuzzer on config.json, for a minute; with a build of its own.
fuzz: dependencies
	@Scripts/fuzz

# The OCI runtimes that docs/runtime-conformance.md compares; crun and runc are Debian's.
RUNTIMES ?= $(CURDIR)/$(BUILT)/wharf-runtime crun runc

runtime-conformance: dependencies
	@Scripts/install-dependencies runtimes
	$(SWIFT) build $(FLAGS) --product wharf-runtime
	$(SWIFT) build $(FLAGS) --product runtime-conformance
	$(BUILT)/runtime-conformance --table docs/runtime-conformance.md $(RUNTIMES)

# Debian's kernel in QEMU: cgroup v2, AppArmor, an older Linux. VM="20-engine" runs only that check.
test-vm: build
	@Scripts/install-dependencies vm
	$(SWIFT) build $(FLAGS) --product runtime-conformance
	Scripts/test-vm $(VM)

# What CI runs of it.
SHORT := 10-kernel 20-engine 25-apparmor 30-runtime 10-systemd 20-driver

test-vm-short:
	@$(MAKE) --no-print-directory test-vm VM="$(SHORT)"

check: dependencies
	$(SWIFT) format lint --strict --parallel --configuration .swift-format --recursive Sources Tests Package.swift
	@Scripts/tidy

fmt:
	$(SWIFT) format --in-place --parallel --configuration .swift-format --recursive Sources Tests Package.swift

bench: build
	@Scripts/install-dependencies bench
	@Bench/run
	@Bench/runtime

demo: build
	@Scripts/install-dependencies demo
	@Scripts/demo

install:
	@test -x bin/wharfd || { echo "run 'make build' first" >&2; exit 1; }
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(SYSTEMD)
	install -m 755 $(addprefix bin/,$(PROGRAMS)) $(DESTDIR)$(PREFIX)/bin/
	install -d $(DESTDIR)$(PREFIX)/share/doc/wharf
	install -m 644 README.md LICENSE docs/*.md $(DESTDIR)$(PREFIX)/share/doc/wharf/
	sed 's|@PREFIX@|$(PREFIX)|g' Packaging/wharf.service >$(DESTDIR)$(SYSTEMD)/wharf.service
	sed 's|@PREFIX@|$(PREFIX)|g' Packaging/wharf.socket >$(DESTDIR)$(SYSTEMD)/wharf.socket

uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,$(PROGRAMS))
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/wharf
	rm -f $(DESTDIR)$(SYSTEMD)/wharf.service $(DESTDIR)$(SYSTEMD)/wharf.socket

clean:
	rm -rf .build .build-tools bin
