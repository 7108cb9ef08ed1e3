# own.mk - make fuzz HANDLER=: the handler is linked with the library as compiled for the suites; for libFuzzer the library is compiled separately.

build/fuzz/libfuzzer_edgefn.o: edgefn.h
	@mkdir -p $(@D)
	$(CLANG) -std=gnu99 -g1 -O1 -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -x c -DEDGEFN_IMPLEMENTATION -c $< -o $@

fuzz-own: $(call with_handler,$(HANDLER_C) build/edgefn $(OWN_OBJECTS) $(if $(filter libfuzzer,$(ENGINE)),build/fuzz/libfuzzer_edgefn.o,build/fuzz/afl_edgefn.o))
	@CC='$(OWN_CC)' CLANG='$(CLANG)' LIBRARY='$(firstword $(OWN_OBJECTS))' COUNTED='$(lastword $(OWN_OBJECTS))' ENGINE='$(or $(ENGINE),afl)' \
	    SEEDS='$(SEEDS)' PARTS='$(wordlist 2,99,$(HANDLER_C))' FROM='$(HANDLER_FROM) $(HANDLER_PARTS)' sh fuzz/handler.sh '$(firstword $(HANDLER_C))' '$(SECS)'
.PHONY: fuzz-own
