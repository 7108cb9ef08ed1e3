# make coverage: lines, branches and MC/DC of edgefn.h that the C suites run. Needs clang 19 or later with its runtime library and the
# llvm tools of that version. The rules of the suites are those of the Makefile, with COVERAGE_CC as a third compiler.

COVERAGE_CC ?= $(shell sh tests/coverage.sh --compiler)
COVERAGE_FLAGS := -std=c99 -D_DEFAULT_SOURCE -DEDGEFN_DEBUG -DEDGEFN__COVERAGE -O1 -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc \
    -fprofile-list=tests/coverage.list -w -I. -Iexamples/hosts
# counts steps: with -fsanitize-coverage its steps would be those of the counters
COVERAGE_SUITES := $(filter-out test_cost,$(SUITES))

build/tests/coverage/%: TEST_FLAGS = $(COVERAGE_FLAGS)
$(eval $(call suite_rules,coverage,$$(COVERAGE_CC)))
$(eval $(call recipes_rules,coverage,$$(COVERAGE_CC)))
$(foreach s,$(filter-out $(OWN_RULE),$(COVERAGE_SUITES)),\
    $(eval $(call suite_rule,coverage,$$(COVERAGE_CC),$(s),$(call crypto_of,$(s),FLAGS),$(call crypto_of,$(s),LIBS))))

COVERAGE_PROGRAMS := $(COVERAGE_SUITES:%=build/tests/coverage/%)
coverage-programs: $(COVERAGE_PROGRAMS)

# SUITE:COPY, the compiled copy of the header that the suite is linked with
coverage-list:
	@echo $(foreach s,$(COVERAGE_SUITES),build/tests/coverage/$(s):$(or $(basename $(notdir $(call library_of,$(s),coverage))),$(s)))

coverage:
	@sh tests/install.sh --coverage
	@JOBS='$(JOBS)' sh tests/coverage.sh

.PHONY: coverage coverage-programs coverage-list
