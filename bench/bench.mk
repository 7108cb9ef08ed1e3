# bench.mk - included by the Makefile.
#   make bench                           compares edgefn with the installed simdjson, if there is one
#   make bench SIMDJSON=dir YYJSON=dir   compares it with checkouts (the amalgamated files, or the repository)
#   make bench BENCH_ARGS='--classes vreq,oreq --tasks job --samples 201'
#   make bench-instructions              instructions of edgefn's parse and job, counted by callgrind
#   make bench-budget                    writes bench/budget.tsv, the reference of tests/test_budget.sh
CC ?= cc
CXX ?= c++
BENCH_FLAGS ?= -O2
BENCH_ARGS ?=
BENCH_DIR := build/bench

BENCH_SUBJECTS := edgefn edgefn_unchecked edgefn_sse2 edgefn_portable
BENCH_OBJECTS := $(BENCH_SUBJECTS:%=$(BENCH_DIR)/%.o) $(BENCH_DIR)/gen.o $(BENCH_DIR)/json_same.o $(BENCH_DIR)/bench_main.o
BENCH_CXX := $(shell command -v $(CXX) 2>/dev/null)
BENCH_LINK = $(CC)
BENCH_DEFINES :=
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

BENCH_YYJSON_C := $(if $(YYJSON),$(firstword $(wildcard $(YYJSON)/src/yyjson.c $(YYJSON)/yyjson.c)))
ifneq ($(BENCH_YYJSON_C),)
  BENCH_YYJSON_I := -isystem $(dir $(BENCH_YYJSON_C))
  BENCH_OBJECTS += $(BENCH_DIR)/yyjson_adapter.o $(BENCH_DIR)/yyjson_itself.o
  BENCH_DEFINES += -DBENCH_YYJSON
else
  BENCH_SKIPPED += yyjson
endif

BENCH_CC = $(CC) -std=c99 $(BENCH_FLAGS) -MMD -MP

.PHONY: bench bench-instructions bench-budget bench-force
bench: $(BENCH_DIR)/bench
	@for peer in $(BENCH_SKIPPED); do echo "bench: SKIP $$peer: not found (SIMDJSON=dir, YYJSON=dir; simdjson needs a C++ compiler)" >&2; done
	@$(BENCH_DIR)/bench $(BENCH_ARGS)

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
$(BENCH_DIR)/edgefn_unchecked.o: bench/compare/edgefn.c edgefn.h
	$(BENCH_CC) -DBENCH_UNCHECKED -c $< -o $@
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
$(BENCH_DIR)/yyjson_itself.o: $(BENCH_YYJSON_C)
	$(CC) -std=c99 $(BENCH_FLAGS) -DNDEBUG -c $< -o $@

-include $(wildcard $(BENCH_DIR)/*.d)
