# fuzz.mk - the programs of the fuzz targets: build/fuzz/replay_T with gcc, afl_T with AFL++, lib_T with libFuzzer; aflfast_T and fast_T are
# the last two without sanitizers. The library is compiled once for each; a target that uses internal names (fuzz_scan) includes it.

# of all of them; the sanitizers are added by program
FUZZ_FLAGS := -std=gnu99 -O1 -g1 -Wall -Wextra -Wshadow -Werror -I. -Iexamples/hosts
FUZZ_WATCH := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_CC = AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1 afl-clang-fast -std=gnu99 -O1 -fno-sanitize-recover=undefined -I.
FUZZ_CLI := $(addprefix examples/hosts/cli/,text.c fields.c io.c args.c)
FUZZ_MORE_convert := $(FUZZ_CLI)
FUZZ_MORE_events := $(FUZZ_CLI) $(addprefix examples/hosts/cli/,sample.c sample_json.c lines.c json.c)

build/fuzz/afl_edgefn.o: edgefn.h
	@mkdir -p $(@D)
	$(FUZZ_CC) -x c -DEDGEFN_IMPLEMENTATION -c $< -o $@

build/fuzz/aflfast_edgefn.o: edgefn.h
	@mkdir -p $(@D)
	AFL_QUIET=1 afl-clang-fast -std=gnu99 -O2 -x c -DEDGEFN_IMPLEMENTATION -c $< -o $@

build/fuzz/fast_edgefn.o: edgefn.h
	@mkdir -p $(@D)
	$(CLANG) -std=gnu99 -g1 -O2 -fsanitize=fuzzer-no-link -x c -DEDGEFN_IMPLEMENTATION -c $< -o $@

build/fuzz/mutate.so: fuzz/mutate.c
	@mkdir -p $(@D)
	$(CC) -std=gnu99 -O2 -fPIC -shared -DFUZZ_AFL $< -o $@

# the files that a target includes: suites and files of the command line; and all headers
FUZZ_H := $(wildcard fuzz/*.h tests/*.h examples/hosts/*.h examples/hosts/cli/*.h)
fuzz_reads = $(FUZZ_H) $(shell sed -n 's,^.include "../\(.*\.c\)".*,\1,p' fuzz/fuzz_$(1).c)

# target, name of the program, compiler and flags, flags to link with, driver, object of the library
define fuzz_program
build/fuzz/$(2)_$(1): fuzz/fuzz_$(1).c $(5) edgefn.h $(call fuzz_reads,$(1)) $(FUZZ_MORE_$(1)) $(call inside_or,fuzz_$(1),,$(6))
	@mkdir -p $$(@D)
	$(3) $$(FUZZ_FLAGS) $(call inside_flags,fuzz_$(1)) $$< $(5) $(FUZZ_MORE_$(1)) $(call inside_or,fuzz_$(1),,$(6)) $(4) -lm -o $$@
endef
define fuzz_rule
$(call fuzz_program,$(1),replay,$(GCC) $(call inside_or,fuzz_$(1),$(FUZZ_WATCH)),$(FUZZ_WATCH),fuzz/driver.c fuzz/mutate.c,build/tests/gcc/edgefn.o)

$(call fuzz_program,$(1),afl,AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1 afl-clang-fast,,fuzz/driver.c,build/fuzz/afl_edgefn.o)

$(call fuzz_program,$(1),aflfast,AFL_QUIET=1 afl-clang-fast,-O2,fuzz/driver.c,build/fuzz/aflfast_edgefn.o)

$(call fuzz_program,$(1),lib,$(CLANG),$(FUZZ_WATCH) -fsanitize=fuzzer,fuzz/mutate.c,build/fuzz/libfuzzer_edgefn.o)

$(call fuzz_program,$(1),fast,$(CLANG),-O2 -fsanitize=fuzzer,fuzz/mutate.c,build/fuzz/fast_edgefn.o)
endef
$(foreach f,$(FUZZ),$(eval $(call fuzz_rule,$(f))))
