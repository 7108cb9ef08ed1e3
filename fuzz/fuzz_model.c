/* fuzz_model.c - the programs of tests/test_model.c, an event and edits of it, with the fuzzer's bytes as random numbers.

   Properties: those of play() there: every writer writes what the slow model predicts, whatever was read in between; untouched
   parts are written unchanged; edgefn_check() finds the same in the event and in its text; built from its parts the event is
   the same; with little memory the result is the same, or EDGEFN_E_OOM. */
#define TEST_NO_MAIN
#include "../tests/test_model.c"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slow_bytes = size ? data : (const uint8_t *)"";
    slow_bytes_end = slow_bytes + size;
    bool ruled = size && data[size - 1] % 4 == 0;
    pool = ruled ? ruled_names : header_names;
    pool_len = ruled ? COUNT(ruled_names) : COUNT(header_names);
    program p = any_program();
    if (!plays(&p, play)) {
        fprintf(stderr, "%s: %s\n", phase, why);
        say_program(&p);
        fflush(stdout);
        HOLDS(!"the program has the result of the model");
    }
    HOLDS(!test_bad);
    return 0;
}
