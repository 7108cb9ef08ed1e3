# make            build/edgefn and build/handlers/*.so: needs only a C compiler and make
# make help       the other targets
CC_DEFAULT := $(firstword $(foreach c,cc gcc clang,$(shell command -v $(c) 2>/dev/null)) cc)
ifeq ($(origin CC),default)
CC := $(CC_DEFAULT)
endif
CFLAGS ?= -O2
LDL := $(if $(filter Linux,$(shell uname -s)),-ldl)
# one more than the number of processors: the suites of the hosts mostly wait
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1) + 1)))
# RS256 and ES256 need OpenSSL's libcrypto with its headers (libssl-dev); with OPENSSL= nothing is linked with it
ifeq ($(origin OPENSSL),undefined)
OPENSSL := $(shell echo '\#include <openssl/x509.h>' | $(CC) -E -x c - >/dev/null 2>&1 && echo yes)
endif
export OPENSSL
CRYPTO_FLAGS := $(if $(OPENSSL),-DEDGEHOST_OPENSSL)
CRYPTO_LIBS := $(if $(OPENSSL),-lcrypto)
COMPILE = $(CC) -std=c99 $(CFLAGS) $(CPPFLAGS) -I. -Iexamples/hosts
HOST_H := edgefn.h $(wildcard examples/hosts/*.h)
RECIPES := $(wildcard examples/handlers/*.c)
HANDLERS := $(RECIPES:examples/handlers/%.c=build/handlers/%.so)
CLI := $(wildcard examples/hosts/cli/*.c)

all: build/edgefn $(HANDLERS)

help:
	@echo 'make                      build/edgefn (the command line) and build/handlers/*.so'
	@echo 'make run                  runs three handlers on real events, and shows how to write your own (half a minute)'
	@echo 'make help                 this list'
	@echo ''
	@echo 'A handler of your own. HANDLER=name is the recipe examples/handlers/name.c; HANDLER=path/name.c is a file of your own.'
	@echo 'HANDLER="a+b" is a chain of recipes or files: the next one runs unless the one before failed or answered the request.'
	@echo 'A file of your own may also declare recipes and call them by name: examples/hosts/edgefn_chain.h'
	@echo 'make new DIR=path                      a project outside of this tree: handler, tests, Makefile'
	@echo 'make handler HANDLER=path/name.c       build/own/name.so, for build/edgefn run; HANDLER="a+b": build/own/a+b.so'
	@echo 'make run HANDLER=name EVENT=file.json  the result for an event, and what the handler changed; OPTIONS="--random 0.5 --kv name=value"'
	@echo 'make bench-handler HANDLER=name EVENT=file.json     its cost per event, compiled with -O2; OPTIONS="--against other.so"'
	@echo 'make fuzz HANDLER=name SECS=60         fuzzes it with AFL++; ENGINE=libfuzzer: with libFuzzer; SEEDS="a.json b.json": your own seeds; SECS=0: only runs the seeds and counts steps'
	@echo 'make cloudfront HANDLER=name           simulates CloudFront on http://127.0.0.1:8080/ and https://127.0.0.1:8081/ with nginx; /__edge shows what the function does'
	@echo 'make cloudfront CONFIG=edge.json       the same with the settings of a distribution: origins, cache behaviors, policies (examples/edge.json); what is saved'
	@echo '                                       is built and reloaded, make cloudfront-empty empties the cache. An edge.json beside HANDLER=path/name.c is used, too'
	@echo 'make cloudfront HANDLER=path/index.mjs the same with a function in JavaScript (index.js, function.js) or Python (lambda_function.py); TRIGGERS="viewer-request origin-response" TIMEOUT=3'
	@echo 'make cloudfront-ats HANDLER=name       the same with Traffic Server'
	@echo 'make lambda-edge HANDLER=name          build/lambda-edge/name/function.zip for Lambda@Edge with Node.js; CONFIG=file.json adds look-up tables'
	@echo 'make lambda-edge-python HANDLER=name   build/lambda-edge-python/name/function.zip, the same with Python'
	@echo 'make lambda HANDLER=name               build/lambda/name/function.zip for AWS Lambda (provided.al2023); ARCH=x86_64 or arm64,'
	@echo '                                       LAMBDA_CC=compiler, LAMBDA_LIBC=own or bare, LAMBDA_CFLAGS="-Os"'
	@echo 'make minimal              build/minimal/minimal, a small proxy to be copied (examples/hosts/minimal; needs libevent-dev)'
	@echo 'make npm                               build/npm/edgefn-VERSION.tgz, the check as a package for JavaScript (examples/hosts/npm); npm-wasm: only its module'
	@echo 'make playground                        build/playground/, the check in a browser: for web servers, and in one file; with build/docs/, to which it links; make playground-serve PORT=8080 serves it'
	@echo 'make wasm HANDLER=name                 the handler as WebAssembly; without HANDLER= every recipe; WASM_CC=clang WASM_FLAGS="-O2"'
	@echo '  variables of cloudfront and cloudfront-ats: PORT=8080  ORIGIN=host:port (or https://host:port)  ORIGINS="api.example.com=127.0.0.1:9000"'
	@echo '  DIALECT=lambda (or functions)  BODY=on  CHECK=off  COUNTRY=DE  TABLES="kv /old /new; secret key value"  SITE=directory'
	@echo '  and of cloudfront: HTTPS_PORT=8081 (or off)  KEY="CloudFront-Viewer-Country Host", headers in the cache key  TRACE=off'
	@echo ''
	@echo 'The library.'
	@echo 'make test                 all tests; first installs missing tools (NO_INSTALL=1 make test installs nothing and skips what it cannot test)'
	@echo 'make deps                 only that installation, with apt-get; prints every command before running it (tests/install.sh)'
	@echo 'make test-deep SECS=60    all suites with all rows of their tables, random tests for SECS seconds each; SEED=number repeats a run'
	@echo 'make coverage             lines, branches and MC/DC of edgefn.h that the C suites cover; fails below 100, 100 and 95 % (clang 19 or later)'
	@echo 'make mutate N=300 SEED=1  300 small changes of edgefn.h, one at a time: which of them no suite notices (tests/mutate.py); HOSTS=1: of the hosts'
	@echo 'make test-hosts           only the hosts: Lambda, Lambda@Edge, nginx, Traffic Server, each started on loopback'
	@echo 'make fuzz T=parse SECS=60 AFL++ on fuzz/fuzz_parse.c; T=name of another fuzz/fuzz_*.c; ENGINE=libfuzzer; CHECKED=off: without sanitizers, faster'
	@echo 'make fuzz-smoke           every fuzz target: all its inputs, and changes of them for a moment, as in make test'
	@echo 'make fuzz-corpus          smallest inputs of all runs so far, for fuzz/corpus; python3 fuzz/record.py adds the runs to fuzz/RESULTS.md'
	@echo 'make bench                speed compared with other libraries (bench/); QUICK=1: in half a minute; SIMDJSON=directory YYJSON=directory: checkouts'
	@echo 'make bench-growth         time per byte of long and hostile events; make bench-plots then redraws bench/*.svg; make bench-peers installs the other libraries'
	@echo 'make size                 bytes that the library adds to the smallest host, with the options that leave parts out'
	@echo 'make format               clang-format 14 on edgefn.h and the C files around it; make format-check only shows what it would change'
	@echo 'make map                  regenerates examples/README.md (tests/map.py)'
	@echo 'make docs                 build/docs/index.html, the reference site: manual, functions, rules, recipes with their results; works from a disk, and links to build/playground/ if that is there (tests/site)'
	@echo 'make tables               regenerates those tables of edgefn.h that are derived from others (tests/tables.py)'
	@echo 'make lib                  build/lib/libedgefn.a and libedgefn.so, for programs that link the library instead of compiling it'
	@echo 'make install PREFIX=/usr/local DESTDIR=directory    the header, the command line, in share/edgefn the recipes and the files for your own'
	@echo '                          handlers and hosts, edgefn.pc, completion for bash and zsh; make uninstall PREFIX=/usr/local removes them; LIB=on: also the libraries'
	@echo 'make clean                removes build/'
	@echo 'CC=compiler CFLAGS="-O2" CPPFLAGS= LDFLAGS= apply to all targets; JOBS=number: suites run in parallel'

ifneq ($(HANDLER),)
run: run-handler
else
run:
	@MAKE='$(MAKE)' sh examples/run.sh
endif

PREFIX ?= /usr/local
INSTALLED := $(DESTDIR)$(PREFIX)
SHARED := $(addprefix examples/hosts/,edgefn_host.c edgefn_host.h edgefn_chain.h edgefn_why.h edgefn_proxy.h edgefn_load.h edgefn_message.h edgefn_options.h edgefn_pool.h edgefn_retry.h edgefn_runtime.h edgefn_store.h edgefn_tables.h edgefn_trace.h edgefn_transaction.h edgefn_verify.h)
BASH_COMPLETION := share/bash-completion/completions
ZSH_COMPLETION := share/zsh/site-functions
VERSION := $(shell sed -n 's/.*define EDGEFN_VERSION  *"\([^"]*\)"$$/\1/p' edgefn.h)
# A minor version may change the interface as long as the major one is 0.
SONAME := libedgefn.so.$(shell echo '$(VERSION)' | sed 's/^0\.\([0-9]*\).*/0.\1/; t; s/\..*//')
SO := libedgefn.so.$(VERSION)
install: build/edgefn $(if $(LIB),lib)
	install -d '$(INSTALLED)/include' '$(INSTALLED)/bin' '$(INSTALLED)/share/edgefn' '$(INSTALLED)/share/pkgconfig'
	install -m 644 edgefn.h '$(INSTALLED)/include/edgefn.h'
	install -m 755 build/edgefn '$(INSTALLED)/bin/edgefn'
	install -m 644 $(SHARED) '$(INSTALLED)/share/edgefn/'
	install -d '$(INSTALLED)/share/edgefn/handlers'
	install -m 644 $(RECIPES) '$(INSTALLED)/share/edgefn/handlers/'
	install -d '$(INSTALLED)/$(BASH_COMPLETION)' '$(INSTALLED)/$(ZSH_COMPLETION)'
	install -m 644 examples/hosts/cli/completion.bash '$(INSTALLED)/$(BASH_COMPLETION)/edgefn'
	install -m 644 examples/hosts/cli/completion.zsh '$(INSTALLED)/$(ZSH_COMPLETION)/_edgefn'
	@test -n '$(VERSION)' && printf '%s\n' 'prefix=$(PREFIX)' \
	    'includedir=$${prefix}/include' 'datadir=$${prefix}/share/edgefn' $(if $(LIB),'libdir=$${prefix}/lib') '' 'Name: edgefn' \
	    'Description: CloudFront edge events in C, one header' 'Version: $(VERSION)' 'Cflags: -I$${includedir}' \
	    $(if $(LIB),'Libs: -L$${libdir} -ledgefn') >'$(INSTALLED)/share/pkgconfig/edgefn.pc'
	@chmod 644 '$(INSTALLED)/share/pkgconfig/edgefn.pc' && echo 'edgefn.pc is in $(INSTALLED)/share/pkgconfig'

ifneq ($(LIB),)
	install -d '$(INSTALLED)/lib'
	install -m 644 build/lib/libedgefn.a build/lib/$(SO) '$(INSTALLED)/lib/'
	ln -sf $(SO) '$(INSTALLED)/lib/$(SONAME)'
	ln -sf $(SONAME) '$(INSTALLED)/lib/libedgefn.so'
endif

# directories are removed only if they are empty
uninstall:
	cd '$(INSTALLED)' && rm -f include/edgefn.h bin/edgefn $(addprefix share/edgefn/,$(notdir $(SHARED)) $(RECIPES:examples/%=%)) share/pkgconfig/edgefn.pc \
	    $(BASH_COMPLETION)/edgefn $(ZSH_COMPLETION)/_edgefn lib/libedgefn.a lib/libedgefn.so lib/$(SONAME) lib/$(SO)
	@cd '$(INSTALLED)' && for d in include bin lib share/edgefn/handlers share/edgefn share/pkgconfig $(BASH_COMPLETION) share/bash-completion $(ZSH_COMPLETION) share/zsh share; do rmdir "$$d" 2>/dev/null || true; done

clean:
	rm -rf build

# the files that tests/test_format.sh checks
FORMATTED := edgefn.h $(CLI) $(wildcard examples/hosts/*.[ch] examples/hosts/*/*.[ch] examples/hosts/*/*/*.[ch] examples/handlers/*.c examples/starter/*.c tests/*.[ch] tests/*/*.[ch] fuzz/*.[ch] bench/*.[ch])
format:
	@tool=$$(sh tests/test_format.sh --tool) || { echo 'make format: no clang-format 14' >&2; exit 1; }; \
	    echo "$$tool -i ..."; $$tool -i $(FORMATTED)

tables:
	@python3 tests/tables.py

map:
	@python3 tests/map.py

# DOCS_PLAYGROUND: the address of the playground that the pages link to; without one they say how it is made
DOCS_PLAYGROUND ?= $(if $(shell [ -e build/playground/index.html ] && echo there),../playground/index.html)
docs: build/edgefn
	@python3 tests/site/pages.py build/docs '$(DOCS_PLAYGROUND)'

format-check:
	@sh tests/test_format.sh

format-files:
	@echo $(sort $(FORMATTED))

deps:
	@sh tests/install.sh

.PHONY: all help run lib install uninstall clean format format-check format-files tables map docs deps test test-deep test-hosts mutate test-programs fuzz fuzz-smoke fuzz-programs fuzz-corpus bench
.DELETE_ON_ERROR:
.SUFFIXES:

# ---- the command line and the handlers; files are replaced atomically, so that a host that has one loaded keeps its copy

# The library is compiled once for both. edgefn_host.o contains it: a handler is linked with that one object.
build/obj/edgefn.o: edgefn.h
	@mkdir -p $(@D)
	$(COMPILE) -fPIC -fvisibility=hidden -x c -DEDGEFN_IMPLEMENTATION -c $< -o $@

# The library for programs that do not compile it themselves: make lib. Exported are the functions of the interface; all others are static.
lib: build/lib/libedgefn.a build/lib/$(SO)

build/lib/edgefn.o: edgefn.h
	@mkdir -p $(@D)
	$(COMPILE) -fPIC -x c -DEDGEFN_IMPLEMENTATION -c $< -o $@

build/lib/libedgefn.a: build/lib/edgefn.o
	@rm -f $@ $@.new
	$(AR) rcs $@.new $<
	@mv -f $@.new $@

build/lib/$(SO): build/lib/edgefn.o
	$(CC) $(CFLAGS) -shared -Wl,$(if $(filter Darwin,$(shell uname -s)),-install_name,-soname),$(SONAME) $< -o $@.new $(LDFLAGS)
	@mv -f $@.new $@
	@ln -sf $(SO) build/lib/$(SONAME)
	@ln -sf $(SONAME) build/lib/libedgefn.so

build/obj/cli/env.o: CPPFLAGS += -D_DEFAULT_SOURCE $(CRYPTO_FLAGS)
build/obj/cli/%.o: examples/hosts/cli/%.c $(wildcard examples/hosts/cli/*.h) $(HOST_H)
	@mkdir -p $(@D)
	$(COMPILE) -DEDGEFN_IMPLEMENTATION_DONE -c $< -o $@

# the sources of the recipes, for edgefn recipes; the directory is newer if one was removed
build/obj/recipes.c: examples/hosts/cli/recipes.sh examples/README.md examples/handlers $(RECIPES)
	@mkdir -p $(@D)
	sh examples/hosts/cli/recipes.sh >$@.new
	@mv -f $@.new $@

build/obj/recipes.o: build/obj/recipes.c examples/hosts/cli/recipes.h
	$(COMPILE) -Iexamples/hosts/cli -c $< -o $@

# the files that run functions in JavaScript and Python, for edgefn run
RUNTIME := $(wildcard examples/hosts/runtime/*.mjs examples/hosts/runtime/*.py)
build/obj/runtime.c: examples/hosts/cli/runtime.sh $(RUNTIME)
	@mkdir -p $(@D)
	sh examples/hosts/cli/runtime.sh >$@.new
	@mv -f $@.new $@

build/obj/runtime.o: build/obj/runtime.c $(wildcard examples/hosts/cli/*.h) $(HOST_H)
	$(COMPILE) -Iexamples/hosts/cli -DEDGEFN_IMPLEMENTATION_DONE -c $< -o $@

build/edgefn: $(CLI:examples/hosts/cli/%.c=build/obj/cli/%.o) build/obj/recipes.o build/obj/runtime.o build/obj/edgefn.o
	$(CC) $(CFLAGS) $^ -o $@.new $(LDFLAGS) $(LDL) $(CRYPTO_LIBS)
	@mv -f $@.new $@

build/obj/edgefn_host.o: examples/hosts/edgefn_host.c build/obj/edgefn.o $(HOST_H)
	@mkdir -p $(@D)
	$(COMPILE) -DEDGEFN_IMPLEMENTATION_DONE -fPIC -fvisibility=hidden -c $< -o $@.part
	$(CC) -nostdlib -r $@.part build/obj/edgefn.o -o $@.new
	@rm -f $@.part && mv -f $@.new $@

build/handlers/%.so: examples/handlers/%.c build/obj/edgefn_host.o $(HOST_H)
	@mkdir -p $(@D)
	$(COMPILE) -fPIC -fvisibility=hidden -shared $< build/obj/edgefn_host.o -o $@.new $(LDFLAGS)
	@mv -f $@.new $@

# ---- tests: every tests/test_*.c by gcc and by clang with sanitizers, every tests/test_*.sh. Each suite has a target run/NAME or
# run/COMPILER/NAME, which tests/run.sh --one runs as soon as its program is built; tests/run.sh --total adds up their results.

GCC ?= gcc
CLANG ?= clang
# -g1 is enough for a sanitizer's report, and compiles a quarter faster than -g
SANITIZE := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all
TEST_FLAGS := -std=c99 -D_DEFAULT_SOURCE -DEDGEFN_DEBUG $(SANITIZE) -Wall -Wextra -Wshadow -Werror -I. -Iexamples/hosts
SUITES := $(patsubst tests/%.c,%,$(wildcard tests/test_*.c))
SCRIPTS := $(patsubst tests/%.sh,%,$(wildcard tests/test_*.sh))
DEEP_SCRIPTS := $(patsubst tests/%.sh,%,$(wildcard tests/deep_*.sh))
HOST_SCRIPTS := $(filter test_host_%,$(SCRIPTS))
PROXIES := nginx trafficserver
FUZZ := $(patsubst fuzz/fuzz_%.c,%,$(wildcard fuzz/fuzz_*.c))
compiler_there = $(if $(shell command -v $(1) 2>/dev/null),$(2))
# Steps are counted with one compiler: the first that is installed. Suites that take long to compile use only one compiler if both are
# installed; with DEEP=1 (make test-deep) they use both. tests/run.sh has the same list.
deep_or = $(if $(filter 1,$(DEEP)),,$(1))
CLANG_SUITES := $(filter-out $(call compiler_there,$(GCC),test_cost test_recipes_random $(call deep_or,%_portable %_small %_only test_policy_flip test_corpus)),$(SUITES))
GCC_SUITES := $(filter-out $(call compiler_there,$(CLANG),$(call deep_or,%_baseline)),$(SUITES))
TEST_PROGRAMS := $(call compiler_there,$(GCC),$(GCC_SUITES:%=build/tests/gcc/%)) $(call compiler_there,$(CLANG),$(CLANG_SUITES:%=build/tests/clang/%))
# make test replays and changes the inputs of every target with gcc, and runs AFL++ on one of them; make test-deep on all
FUZZ_AFL := $(if $(filter 1,$(DEEP)),$(FUZZ),roundtrip)
FUZZ_PROGRAMS := $(call compiler_there,$(GCC),$(FUZZ:%=build/fuzz/replay_%)) \
    $(call compiler_there,afl-clang-fast,$(FUZZ_AFL:%=build/fuzz/afl_%) build/fuzz/mutate.so)

# a separate make, which finds what install.sh has just installed; under make -j it shares the jobs of the outer make
SUBMAKE_FLAGS = --no-print-directory -k $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))
RUN_TESTS = GCC='$(GCC)' CLANG='$(CLANG)' CC='$(CC)' JOBS='$(JOBS)' sh tests/run.sh

DEEP_SEED = $(eval DEEP_SEED := $(or $(SEED),$(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')))$(DEEP_SEED)

# The command line, the handlers, and what the suites of the proxies need: make then starts these two suites at once. They mostly wait, and
# would otherwise start last, when no other suite is left to run in parallel. If something cannot be built for a proxy, its suite reports it.
BUILD_FIRST = $(MAKE) $(SUBMAKE_FLAGS) all $(PROXIES:%=host-built-%) || $(MAKE) -s --no-print-directory all

test:
	@sh tests/install.sh
	+@$(BUILD_FIRST)
	@rm -rf build/tests/log
	@DEEP= $(MAKE) $(SUBMAKE_FLAGS) run-tests || true
	@DEEP= $(RUN_TESTS) --total

# every suite with DEEP=1: all rows, and random tests from a new seed for SECS seconds each; also tests/deep_*.sh
test-deep:
	@DEEP=1 sh tests/install.sh
	+@$(BUILD_FIRST)
	@rm -rf build/tests/log
	@echo 'deep: SEED=$(DEEP_SEED) SECS=$(SECS)'
	@DEEP=1 SEED=$(DEEP_SEED) SECS='$(SECS)' $(MAKE) $(SUBMAKE_FLAGS) run-deep || true
	@echo 'deep: to repeat this run: make test-deep SEED=$(DEEP_SEED) SECS=$(SECS)'
	@DEEP=1 $(RUN_TESTS) --total

# small changes of edgefn.h, or with HOSTS=1 of examples/hosts, which the suites must notice
ifneq ($(HOSTS),)
mutate: all
	@python3 tests/mutate_hosts.py --number $(or $(N),100) --seed $(or $(SEED),1)
else
mutate:
	@python3 tests/mutate.py --number $(or $(N),300) --seed $(or $(SEED),1)
endif

# only the hosts: each real server is started on loopback, tested and stopped
test-hosts:
	@sh tests/install.sh
	+@$(BUILD_FIRST)
	@rm -rf build/tests/log
	@$(MAKE) $(SUBMAKE_FLAGS) $(HOST_SCRIPTS:%=run/%) || true
	@$(RUN_TESTS) --total $(HOST_SCRIPTS)

# The suites that take longest are started first, so that none of them is left running alone at the end.
RUN_FIRST := run/test_host_nginx run/test_host_trafficserver run/test_fuzz run/test_desk run/test_functions_desk run/test_settings
PROGRAM_RUNS := $(TEST_PROGRAMS:build/tests/%=run/%)
RUNS := $(filter $(SCRIPTS:%=run/%),$(RUN_FIRST))
RUNS += $(filter-out $(RUNS),$(SCRIPTS:%=run/%)) $(PROGRAM_RUNS)
DEEP_RUNS := $(DEEP_SCRIPTS:%=run/%)

run-tests: $(RUNS)
run-deep: $(DEEP_RUNS) $(RUNS)

$(RUNS) $(DEEP_RUNS):
	@GCC='$(GCC)' CLANG='$(CLANG)' CC='$(CC)' sh tests/run.sh --one $(@:run/%=%)

$(PROGRAM_RUNS): run/%: build/tests/%
run/test_fuzz: $(FUZZ_PROGRAMS)
run/test_host_lambda: build/tests/gcc/edgefn.o
# what make fuzz HANDLER= links handlers with
OWN_NAME := $(if $(call compiler_there,$(GCC),gcc),gcc,clang)
OWN_CC := $(if $(filter gcc,$(OWN_NAME)),$(GCC),$(CLANG))
OWN_OBJECTS := build/tests/$(OWN_NAME)/edgefn.o build/tests/$(OWN_NAME)/edgefn_counted.o
# test_own would otherwise build these itself, at the same time as other suites
run/test_own: host-built-node host-built-python host-built-lambda $(if $(filter 1,$(DEEP)),$(call compiler_there,$(CLANG),build/fuzz/libfuzzer_edgefn.o)) $(OWN_OBJECTS) \
    $(call compiler_there,afl-clang-fast,build/fuzz/afl_edgefn.o)
run/test_chain: host-built-node $(OWN_OBJECTS) $(call compiler_there,afl-clang-fast,build/fuzz/afl_edgefn.o)
run/test_npm: npm-built
run/test_playground: playground-built
run/test_desk run/test_functions_desk run/deep_functions: host-built-nginx
run/test_settings: host-built-nginx $(call compiler_there,$(GCC),build/tests/gcc/edgefn.o)
# built by this make, not by two makes at the same time
$(PROXIES:%=host-built-%) host-built-minimal: $(call compiler_there,$(GCC),build/obj/asan/edgefn_host.o)
# if something cannot be built for a host, its suite reports it
$(filter-out $(PROXIES:%=run/test_host_%),$(HOST_SCRIPTS:%=run/%)): run/test_host_%: host-built-%
$(HOST_SCRIPTS:test_host_%=host-built-%): host-built-%:
	@$(MAKE) --no-print-directory -k host-programs-$* || true
$(HOST_SCRIPTS:test_host_%=host-programs-%):
.PHONY: run-tests run-deep $(RUNS) $(DEEP_RUNS) $(HOST_SCRIPTS:test_host_%=host-built-%) $(HOST_SCRIPTS:test_host_%=host-programs-%)

test-programs: $(TEST_PROGRAMS) $(FUZZ_PROGRAMS) $(HOST_SCRIPTS:test_host_%=host-programs-%)

# With sanitizers the implementation takes ten times as long to compile as a suite: it is compiled once for every choice of vector
# code, and linked. Only suites that use internal names (edgefn__x) include the implementation, with EDGEFN_STATIC, so that the compiler
# drops functions that are not called: a suite that calls few functions compiles fast. -fPIC: plugins of hosts are also linked with it.
INSIDE := $(basename $(notdir $(shell grep -l 'edgefn__[a-z]' tests/test_*.c 2>/dev/null))) fuzz_scan
inside_or = $(if $(filter $(INSIDE),$(1)),$(2),$(3))
library_of = $(call inside_or,$(1),,build/tests/$(2)/edgefn$(if $(filter %_portable,$(1)),_portable)$(if $(filter %_small,$(1)),_small)$(if $(filter %_baseline,$(1)),_baseline).o)
inside_flags = $(call inside_or,$(1),-DEDGEFN_STATIC,-DEDGEFN_IMPLEMENTATION_DONE)
crypto_of = $(if $(filter test_verify,$(1)),$(CRYPTO_$(2)))
define suite_rules
build/tests/$(1)/edgefn.o build/tests/$(1)/edgefn_portable.o build/tests/$(1)/edgefn_small.o build/tests/$(1)/edgefn_baseline.o: edgefn.h
	@mkdir -p $$(@D)
	$(2) $$(TEST_FLAGS) -fPIC -fvisibility=hidden -x c -DEDGEFN_IMPLEMENTATION $$(if $$(findstring _portable,$$@),-DEDGEFN_NO_SIMD) $$(if $$(findstring _small,$$@),-DEDGEFN_SMALL) \
	    $$(if $$(findstring _baseline,$$@),-DEDGEFN_NO_DISPATCH) -c $$< -o $$@
endef
define suite_rule
build/tests/$(1)/$(3): tests/$(3).c edgefn.h $(call library_of,$(3),$(1))
	@mkdir -p $$(@D)
	$(2) $$(TEST_FLAGS) $(call inside_flags,$(3)) $(4) -MMD -MP -MF $$@.d $$< $(call library_of,$(3),$(1)) -o $$@ $(5)
endef
# test_cost.c counts steps: the implementation is compiled to call it at every basic block; sanitizers would add steps of their own
define counted_rules
build/tests/$(1)/edgefn_counted.o: edgefn.h
	@mkdir -p $$(@D)
	$(2) -std=c99 -O1 -fsanitize-coverage=trace-pc -x c -DEDGEFN_IMPLEMENTATION -c $$< -o $$@

build/tests/$(1)/test_cost: tests/test_cost.c edgefn.h build/tests/$(1)/edgefn_counted.o
	@mkdir -p $$(@D)
	$(2) $$(filter-out $$(SANITIZE),$$(TEST_FLAGS)) -O1 -g1 -DEDGEFN_IMPLEMENTATION_DONE -MMD -MP -MF $$@.d $$< \
	    build/tests/$(1)/edgefn_counted.o -Wl,--wrap=memcpy,--wrap=memmove,--wrap=memset,--wrap=memcmp,--wrap=bcmp -o $$@
endef
# test_recipes_random.c is linked with every recipe; its edgefn_handler() is called recipe_NAME there
define recipes_rules
build/tests/$(1)/recipes/%.o: examples/handlers/%.c edgefn.h
	@mkdir -p $$(@D)
	$(2) $$(TEST_FLAGS) -DEDGEFN_IMPLEMENTATION_DONE -Dedgefn_handler=recipe_$$* -c $$< -o $$@

build/tests/$(1)/recipes/list.h: examples/handlers $(RECIPES)
	@mkdir -p $$(@D)
	@printf 'X(%s)\n' $(RECIPES:examples/handlers/%.c=%) >$$@

build/tests/$(1)/test_recipes_random: tests/test_recipes_random.c edgefn.h build/tests/$(1)/edgefn.o build/tests/$(1)/recipes/list.h \
    $(RECIPES:examples/handlers/%.c=build/tests/$(1)/recipes/%.o)
	@mkdir -p $$(@D)
	$(2) $$(TEST_FLAGS) -DEDGEFN_IMPLEMENTATION_DONE -DRECIPES_LIST='"$$(CURDIR)/build/tests/$(1)/recipes/list.h"' -MMD -MP -MF $$@.d $$< \
	    $$(filter %.o,$$^) -o $$@
endef
$(eval $(call suite_rules,gcc,$(GCC)))
$(eval $(call suite_rules,clang,$(CLANG)))
$(eval $(call counted_rules,gcc,$(GCC)))
$(eval $(call counted_rules,clang,$(CLANG)))
$(eval $(call recipes_rules,gcc,$(GCC)))
$(eval $(call recipes_rules,clang,$(CLANG)))
OWN_RULE := test_cost test_recipes_random
$(foreach s,$(filter-out $(OWN_RULE),$(SUITES)),$(eval $(call suite_rule,gcc,$(GCC),$(s),$(call crypto_of,$(s),FLAGS),$(call crypto_of,$(s),LIBS))))
$(foreach s,$(filter-out $(OWN_RULE),$(SUITES)),$(eval $(call suite_rule,clang,$(CLANG),$(s),$(call crypto_of,$(s),FLAGS),$(call crypto_of,$(s),LIBS))))

# ---- fuzzing

T ?= $(or $(TARGET),parse)
SECS ?= 60

fuzz:
	@sh tests/install.sh --fuzz
ifneq ($(HANDLER),)
	@$(MAKE) --no-print-directory fuzz-own
else
	@$(MAKE) --no-print-directory build/fuzz/replay_$(T) $(if $(filter libfuzzer,$(ENGINE)),build/fuzz/$(if $(filter off,$(CHECKED)),fast,lib)_$(T), \
	    build/fuzz/afl$(if $(filter off,$(CHECKED)),fast)_$(T) build/fuzz/mutate.so)
	@ENGINE='$(ENGINE)' CHECKED='$(CHECKED)' sh fuzz/run.sh $(T) $(SECS)
endif

fuzz-smoke: fuzz-programs
	@sh tests/test_fuzz.sh

fuzz-programs: $(FUZZ_PROGRAMS)

# The inputs in the tree: those that reach an edge that no smaller one reaches, of the tree's and of all runs so far.
fuzz-corpus: $(FUZZ:%=build/fuzz/replay_%) $(FUZZ:%=build/fuzz/fast_%)
	@for t in $(FUZZ); do sh fuzz/run.sh corpus $$t || exit 1; done

include fuzz/fuzz.mk

include examples/hosts/hosts.mk
include examples/hosts/npm/npm.mk
include examples/hosts/browser/browser.mk
include fuzz/own.mk
include tests/coverage.mk
-include bench/bench.mk
-include $(wildcard build/tests/*/*.d)
