/* proof.h - for harnesses that are used twice, by tests/deep_analysis.sh:
   - by the abstract interpreter of Frama-C: prove() calls the code with every input of up to MOST bytes at once, the bytes being unknown. An access outside of
     the input, a read of something that was not written, an overflow of signed numbers, an impossible shift would be an alarm.
   - compiled: compare() calls it with every input up to a bound, which each file states, and compares the results with those of a slow version. */
#define EDGEFN_IMPLEMENTATION
#define EDGEFN_STATIC
#define EDGEFN_DEBUG
#define EDGEFN_NO_SIMD
#include "edgefn.h"

#ifdef __FRAMAC__
#  include "__fc_builtin.h"
#  ifndef MOST
#    define MOST 24
#  endif
static char proof_bytes[MOST];

/* Returns n unknown bytes, which end where their memory ends, and for MOST of them also begin there. */
static edgefn_str unknown(unsigned n)
{
    //@ loop unroll MOST;
    for (unsigned i = 0; i < MOST; i++)
        proof_bytes[i] = Frama_C_char_interval(-128, 127);
    return edgefn__str(proof_bytes + MOST - n, n);
}

static void prove(void);
int main(void)
{
    prove();
    return 0;
}
#else
#  include <stdio.h>
#  include <stdlib.h>
#  include <string.h>
static unsigned long long proof_count;

/* Counts a comparison, and stops the program if it is not true. */
static void same(bool equal, edgefn_str input)
{
    proof_count++;
    if (equal) return;
    printf("they differ:");
    for (size_t i = 0; i < input.len; i++)
        printf(" %02x", (unsigned char)input.ptr[i]);
    printf("\n");
    exit(1);
}

/* Calls `with` with every text of n bytes of that alphabet. */
static void every(size_t n, const char *alphabet, size_t letters, void (*with)(edgefn_str))
{
    size_t at[8] = { 0 };
    char bytes[8];
    if (n > sizeof bytes) abort();
    for (;;) {
        for (size_t i = 0; i < n; i++)
            bytes[i] = alphabet[at[i]];
        char *exact = bytes + sizeof bytes - n;
        memmove(exact, bytes, n);
        with(edgefn__str(exact, n));
        size_t k = 0;
        while (k < n && ++at[k] == letters)
            at[k++] = 0;
        if (k == n) return;
    }
}

static const char *all_bytes(void)
{
    static char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    return bytes;
}

static void compare(void);
int main(void)
{
    compare();
    printf("%llu inputs\n", proof_count);
    return 0;
}
#endif
