# Rules of the hosts that are deployed or loaded elsewhere; see examples/hosts/README.md.

# ---- AWS Lambda, custom runtime: make lambda HANDLER=redirect_https|my/handler.c [ARCH=x86_64|arm64] [LAMBDA_CC=...]
# [LAMBDA_LIBC=own|bare]: own links the compiler's C library (musl is small, glibc is not), bare the few functions of bare.c.
ifneq ($(HANDLER),)
LAMBDA_DIR := examples/hosts/lambda_runtime
THIS_ARCH := $(patsubst aarch64,arm64,$(shell uname -m))
ARCH ?= $(THIS_ARCH)
LAMBDA_TARGET := $(patsubst arm64,aarch64,$(ARCH))-linux
lambda_find = $(firstword $(foreach c,$(1),$(if $(shell command -v $(c) 2>/dev/null),$(c))))
LAMBDA_CC ?= $(call lambda_find,$(if $(filter $(THIS_ARCH),$(ARCH)),musl-gcc) $(LAMBDA_TARGET)-musl-gcc \
    $(if $(filter $(THIS_ARCH),$(ARCH)),$(CC)) $(LAMBDA_TARGET)-gnu-gcc)
LAMBDA_LIBC ?= $(if $(findstring musl,$(LAMBDA_CC)),own,bare)
LAMBDA_CFLAGS ?= -Os
ZIP ?= zip
LAMBDA_SOURCE := $(if $(filter %.c,$(HANDLER)),$(HANDLER),examples/handlers/$(HANDLER).c)
LAMBDA_NAME := $(notdir $(basename $(LAMBDA_SOURCE)))
LAMBDA_BUILD := $(ARCH)-$(notdir $(firstword $(LAMBDA_CC)))-$(LAMBDA_LIBC)
LAMBDA_OBJECTS := $(patsubst %,build/lambda/obj/$(LAMBDA_BUILD)/%.o,bootstrap http edgefn $(if $(filter bare,$(LAMBDA_LIBC)),bare))
LAMBDA_BOOTSTRAP := build/lambda/$(LAMBDA_NAME)/$(LAMBDA_BUILD)/bootstrap
LAMBDA_COMPILE = $(LAMBDA_CC) -std=c99 $(LAMBDA_CFLAGS) -ffunction-sections -fdata-sections -fno-unwind-tables -fno-asynchronous-unwind-tables \
    -fno-stack-protector -U_FORTIFY_SOURCE -fno-pie $(CPPFLAGS) -I.
LAMBDA_LINK := -static -no-pie -s -Wl,--gc-sections,--build-id=none,-z,noexecstack,-z,noseparate-code,-z,norelro

lambda: $(LAMBDA_BOOTSTRAP)
	@rm -f build/lambda/$(LAMBDA_NAME)/function.zip
	@cd $(dir $<) && if command -v $(ZIP) >/dev/null 2>&1; then $(ZIP) -q -X ../function.zip bootstrap; else \
	    python3 -c 'import zipfile as z; z.ZipFile("../function.zip", "w", z.ZIP_DEFLATED).write("bootstrap")'; fi
	@echo "build/lambda/$(LAMBDA_NAME)/function.zip: $$(wc -c <build/lambda/$(LAMBDA_NAME)/function.zip) bytes," \
	    "for $(ARCH) by $(LAMBDA_CC); bootstrap: $$(wc -c <$<) bytes"

build/lambda/obj/$(LAMBDA_BUILD)/%.o: $(LAMBDA_DIR)/%.c $(LAMBDA_DIR)/http.h edgefn.h
	@mkdir -p $(@D)
	@test -n '$(LAMBDA_CC)' || { echo 'no compiler for $(ARCH): install gcc-$(LAMBDA_TARGET)-gnu, or name one as LAMBDA_CC'; exit 1; }
	$(LAMBDA_COMPILE) -c $< -o $@

$(LAMBDA_BOOTSTRAP): $(LAMBDA_SOURCE) $(LAMBDA_OBJECTS)
	@mkdir -p $(@D)
	$(LAMBDA_COMPILE) $^ -o $@.new $(LAMBDA_LINK) $(if $(filter bare,$(LAMBDA_LIBC)),-nostdlib -lgcc)
	@mv -f $@.new $@
else
lambda:
	@echo 'make lambda HANDLER=name, one of examples/handlers, or HANDLER=path/to/my.c'; exit 2
endif

# What tests/test_host_lambda.sh builds, built beside the other test programs; what is missing is for that suite to say.
LAMBDA_FOR_TESTS = $(MAKE) -s --no-print-directory lambda HANDLER=tests/hosts/lambda_handler.c
lambda-for-tests:
	@if command -v musl-gcc >/dev/null 2>&1; then $(LAMBDA_FOR_TESTS) LAMBDA_CC=musl-gcc; fi
	@if command -v aarch64-linux-gnu-gcc >/dev/null 2>&1; then $(LAMBDA_FOR_TESTS) ARCH=arm64 LAMBDA_CC=aarch64-linux-gnu-gcc; fi
	@case $$(uname -sm) in Linux\ x86_64|Linux\ aarch64) $(LAMBDA_FOR_TESTS) LAMBDA_CC='$(CC)' LAMBDA_LIBC=bare ;; esac
test-programs: lambda-for-tests
.PHONY: lambda lambda-for-tests
