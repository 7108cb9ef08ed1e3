# bench.mk - included by the Makefile.
#   make bench                           compares edgefn with every library that is installed (make bench-peers installs them)
#   make bench QUICK=1                   the same in half a minute: fewer classes and samples, no variants of edgefn
#   make bench SIMDJSON=dir YYJSON=dir   newer ones from checkouts (the amalgamated files, or the repository)
#   make bench BENCH_ARGS='--classes vreq,oreq --tasks job --samples 201'
#   make bench-growth                    time per byte: 10 to 10,000 headers, bodies of 1 KB to 1.4 MB, hostile shapes
#   make bench-plots                     draws bench/*.svg from the last make bench and make bench-growth
#   make size                            bytes that the library adds to the smallest host
#   make bench-instructions              instructions of edgefn's parse and job, counted by callgrind
#   make bench-budget                    writes bench/budget.tsv, the reference of tests/test_budget.sh
CC ?= cc
CXX ?= c++
BENCH_FLAGS ?= -O2
BENCH_ARGS ?=
BENCH_DIR := build/bench

BENCH_SUBJECTS := edgefn $(if $(QUICK),,edgefn_sse2 edgefn_portable)
BENCH_OBJECTS := $(BENCH_SUBJECTS:%=$(BENCH_DIR)/%.o) $(BENCH_DIR)/gen.o $(BENCH_DIR)/json_same.o $(BENCH_DIR)/bench_main.o
BENCH_CXX := $(shell command -v $(CXX) 2>/dev/null)
BENCH_LINK = $(CC)
BENCH_DEFINES := $(if $(QUICK),,-DBENCH_VARIANTS)
BENCH_LIBS :=
BENCH_SKIPPED :=

# simdjson: its amalgamated files, its sources, or the installed library
BENCH_SIMDJSON_CPP := $(if $(SIMDJSON),$(firstword $(wildcard $(SIMDJSON)/singleheader/simdjson.cpp $(SIMDJSON)/simdjson.cpp $(SIMDJSON)/src/simdjson.cpp)))
BENCH_SIMDJSON_H := $(if $(SIMDJSON),,$(firstword $(wildcard /usr/include/simdjson.h /usr/local/include/simdjson.h)))
ifneq ($(and $(BENCH_CXX),$(BENCH_SIMDJSON_CPP)),)
  BENCH_SIMDJSON_I := -isystem $(dir $(BENCH_SIMDJSON_CPP)) -isystem $(SIMDJSON)/include
  BENCH_OBJECTS += $(BENCH_DIR)/simdjson_adapter.o $(BENCH_DIR)/simdjson_itself.o
  BENCH_DEFINES += -DBENCH_SIMDJSON
  BENCH_LINK = $(CXX)
else ifneq ($(and $(BENCH_CXX),$(BENCH_SIMDJSON_H)),)
  BENCH_OBJECTS += $(BENCH_DIR)/simdjson_adapter.o
  BENCH_DEFINES += -DBENCH_SIMDJSON
  BENCH_LIBS += -lsimdjson
  BENCH_LINK = $(CXX)
else
  BENCH_SKIPPED += simdjson
endif

# yyjson: its sources, or the installed library
BENCH_YYJSON_C := $(if $(YYJSON),$(firstword $(wildcard $(YYJSON)/src/yyjson.c $(YYJSON)/yyjson.c)))
ifneq ($(BENCH_YYJSON_C),)
  BENCH_YYJSON_I := -isystem $(dir $(BENCH_YYJSON_C))
  BENCH_OBJECTS += $(BENCH_DIR)/yyjson_adapter.o $(BENCH_DIR)/yyjson_itself.o
  BENCH_DEFINES += -DBENCH_YYJSON
else ifneq ($(if $(YYJSON),,$(wildcard /usr/include/yyjson.h /usr/local/include/yyjson.h)),)
  BENCH_OBJECTS += $(BENCH_DIR)/yyjson_adapter.o
  BENCH_DEFINES += -DBENCH_YYJSON
  BENCH_LIBS += -lyyjson
else
  BENCH_SKIPPED += yyjson
endif

# the others only as installed: header, name, library
ifneq ($(and $(BENCH_CXX),$(wildcard /usr/include/rapidjson/document.h)),)
  BENCH_OBJECTS += $(BENCH_DIR)/rapidjson_adapter.o
  BENCH_DEFINES += -DBENCH_RAPIDJSON
  BENCH_LINK = $(CXX)
else
  BENCH_SKIPPED += rapidjson
endif
define bench_c_library
ifneq ($(wildcard /usr/include/$(2)),)
  BENCH_OBJECTS += $(BENCH_DIR)/$(1)_adapter.o
  BENCH_DEFINES += -DBENCH_$(3)
  BENCH_LIBS += $(4)
else
  BENCH_SKIPPED += $(1)
endif
endef
$(eval $(call bench_c_library,cjson,cjson/cJSON.h,CJSON,-lcjson))
$(eval $(call bench_c_library,jansson,jansson.h,JANSSON,-ljansson))
$(eval $(call bench_c_library,jsonc,json-c/json.h,JSONC,-ljson-c))
BENCH_NODE := $(shell command -v node 2>/dev/null)
BENCH_PYTHON := $(shell command -v python3 2>/dev/null)
ifneq ($(BENCH_NODE)$(BENCH_PYTHON),)
  BENCH_OBJECTS += $(BENCH_DIR)/process.o
  BENCH_DEFINES += $(if $(BENCH_NODE),-DBENCH_NODE) $(if $(BENCH_PYTHON),-DBENCH_PYTHON)
endif
BENCH_SKIPPED += $(if $(BENCH_NODE),,node) $(if $(BENCH_PYTHON),,python3)
BENCH_PEERS := libsimdjson-dev libyyjson-dev rapidjson-dev libcjson-dev libjansson-dev libjson-c-dev

BENCH_CC = $(CC) -std=c99 $(BENCH_FLAGS) -MMD -MP

.PHONY: size bench bench-growth bench-plots bench-peers bench-instructions bench-budget bench-force
BENCH_QUICK := --samples 31 --sample-us 60 --classes \
    vreq,oreq,ores,pretty,esc,cffreq,chrome,firefox,safari,cfheaders,s3,cffchrome,cffresp,indent4,awsdocs
BENCH_RUN = $(if $(QUICK),BENCH_QUICK=1 $(BENCH_DIR)/bench $(BENCH_QUICK),$(BENCH_DIR)/bench)
bench: $(BENCH_DIR)/bench
	@for peer in $(BENCH_SKIPPED); do echo "bench: SKIP $$peer: not found (make bench-peers, or SIMDJSON=dir and YYJSON=dir; simdjson and rapidjson need a C++ compiler)" >&2; done
	@{ $(BENCH_RUN) $(BENCH_ARGS); echo $$? >$(BENCH_DIR)/status; } | tee $(BENCH_DIR)/results.tsv; exit $$(cat $(BENCH_DIR)/status)

BENCH_GROWN := edgefn,edgefn-portable,simdjson-ondemand,simdjson-checked,yyjson
bench-growth: $(BENCH_DIR)/bench
	@{ $(BENCH_DIR)/bench --growth 1 --subjects $(BENCH_GROWN) --samples 31 --sample-us 200 $(BENCH_ARGS); echo $$? >$(BENCH_DIR)/status; } \
	    | tee $(BENCH_DIR)/growth.tsv; exit $$(cat $(BENCH_DIR)/status)

bench-plots:
	@python3 bench/plot.py $(BENCH_DIR)/results.tsv $(BENCH_DIR)/growth.tsv bench

bench-peers:
	@for p in $(BENCH_PEERS); do if apt-cache policy $$p 2>/dev/null | grep -q 'Candidate: [0-9]'; then set -- "$$@" $$p; else echo "bench-peers: this system has no package $$p" >&2; fi; done; \
	    set -x; $(if $(filter 0,$(shell id -u)),,sudo) apt-get install -y --no-install-recommends "$$@"

size:
	@CC='$(CC)' sh bench/size.sh

bench-instructions: $(BENCH_DIR)/bench
	@sh bench/callgrind.sh $(BENCH_DIR)/bench

# only edgefn, always compiled by gcc: the program for bench/budget.tsv
BENCH_COUNTED := $(addprefix $(BENCH_DIR)/counted_,edgefn.o gen.o json_same.o bench_main.o)
bench-budget: $(BENCH_DIR)/counted
	@sh bench/budget.sh --write $(BENCH_DIR)/counted
$(BENCH_DIR)/counted: $(BENCH_COUNTED)
	$(GCC) -O2 $(BENCH_COUNTED) -o $@
$(BENCH_DIR)/counted_edgefn.o: bench/compare/edgefn.c edgefn.h
$(BENCH_DIR)/counted_%.o: bench/compare/%.c
	@mkdir -p $(@D)
	$(GCC) -std=c99 -O2 -MMD -MP -c $< -o $@
$(BENCH_DIR)/counted_%.o: bench/%.c
	@mkdir -p $(@D)
	$(GCC) -std=c99 -O2 -MMD -MP -DBENCH_EDGEFN_ONLY -DBENCH_FLAGS='"-O2"' -c $< -o $@

$(BENCH_DIR)/bench: $(BENCH_OBJECTS)
	$(BENCH_LINK) $(BENCH_FLAGS) $(BENCH_OBJECTS) -o $@ $(BENCH_LIBS)

# the configuration that the objects were built with: rewritten only if it changes
BENCH_CONFIG = $(CC) | $(CXX) | $(BENCH_FLAGS) | $(BENCH_DEFINES) | $(BENCH_SIMDJSON_CPP) | $(BENCH_YYJSON_C)
$(BENCH_DIR)/config: bench-force
	@mkdir -p $(@D)
	@echo '$(BENCH_CONFIG)' | cmp -s - $@ || echo '$(BENCH_CONFIG)' > $@

$(BENCH_OBJECTS): $(BENCH_DIR)/config

$(BENCH_DIR)/edgefn.o: bench/compare/edgefn.c edgefn.h
	$(BENCH_CC) -c $< -o $@
$(BENCH_DIR)/edgefn_sse2.o: bench/compare/edgefn.c edgefn.h
	$(BENCH_CC) -DEDGEFN_NO_DISPATCH -c $< -o $@
$(BENCH_DIR)/edgefn_portable.o: bench/compare/edgefn.c edgefn.h
	$(BENCH_CC) -DEDGEFN_NO_SIMD -c $< -o $@
$(BENCH_DIR)/gen.o: bench/gen.c
	$(BENCH_CC) -c $< -o $@
$(BENCH_DIR)/json_same.o: bench/json_same.c
	$(BENCH_CC) -c $< -o $@
$(BENCH_DIR)/bench_main.o: bench/bench_main.c
	$(BENCH_CC) $(BENCH_DEFINES) -DBENCH_FLAGS='"$(BENCH_FLAGS)"' -c $< -o $@
$(BENCH_DIR)/simdjson_adapter.o: bench/compare/simdjson.cc
	$(CXX) -std=c++17 $(BENCH_FLAGS) -DNDEBUG -MMD -MP $(BENCH_SIMDJSON_I) -c $< -o $@
$(BENCH_DIR)/simdjson_itself.o: $(BENCH_SIMDJSON_CPP)
	$(CXX) -std=c++17 $(BENCH_FLAGS) -DNDEBUG $(BENCH_SIMDJSON_I) -c $< -o $@
$(BENCH_DIR)/yyjson_adapter.o: bench/compare/yyjson.c
	$(BENCH_CC) $(BENCH_YYJSON_I) -c $< -o $@
$(BENCH_DIR)/rapidjson_adapter.o: bench/compare/rapidjson.cc
	$(CXX) -std=c++17 $(BENCH_FLAGS) -DNDEBUG -MMD -MP -c $< -o $@
$(BENCH_DIR)/cjson_adapter.o: bench/compare/cjson.c
	$(BENCH_CC) -isystem /usr/include/cjson -c $< -o $@
$(BENCH_DIR)/jansson_adapter.o $(BENCH_DIR)/jsonc_adapter.o: $(BENCH_DIR)/%_adapter.o: bench/compare/%.c
	$(BENCH_CC) -c $< -o $@
$(BENCH_DIR)/process.o: bench/compare/process.c
	$(BENCH_CC) -c $< -o $@
$(BENCH_DIR)/yyjson_itself.o: $(BENCH_YYJSON_C)
	$(CC) -std=c99 $(BENCH_FLAGS) -DNDEBUG -c $< -o $@

-include $(wildcard $(BENCH_DIR)/*.d)
