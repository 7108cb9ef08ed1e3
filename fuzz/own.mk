# own.mk - make fuzz HANDLER=my.c: the library, compiled once for every handler of one's own.
OWN_SANITIZE := -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all

build/fuzz/own/asan.o: edgefn.h
	@mkdir -p $(@D)
	$(CC) -std=gnu99 $(OWN_SANITIZE) -x c -DEDGEFN_IMPLEMENTATION -c $< -o $@

build/fuzz/own/cost.o: edgefn.h
	@mkdir -p $(@D)
	$(CC) -std=gnu99 -O1 -fsanitize-coverage=trace-pc -x c -DEDGEFN_IMPLEMENTATION -c $< -o $@

build/fuzz/own/libfuzzer.o: edgefn.h
	@mkdir -p $(@D)
	$(CLANG) -std=gnu99 $(OWN_SANITIZE) -fsanitize=fuzzer-no-link -x c -DEDGEFN_IMPLEMENTATION -c $< -o $@

fuzz-own: $(HANDLER_C) build/fuzz/own/asan.o build/fuzz/own/cost.o $(if $(filter libfuzzer,$(ENGINE)),build/fuzz/own/libfuzzer.o,build/fuzz/afl_edgefn.o)
	@CC='$(CC)' CLANG='$(CLANG)' ENGINE='$(or $(ENGINE),afl)' SEEDS='$(SEEDS)' sh fuzz/handler.sh '$(HANDLER_C)' '$(SECS)'
.PHONY: fuzz-own
