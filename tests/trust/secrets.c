/* secrets.c - runs under valgrind's memcheck, with secrets marked as undefined memory: it reports each branch and each address that depends on them, so that
   the time that a comparison or an HMAC takes says nothing about a secret. The lengths of secrets are not secret.

     valgrind -q --error-exitcode=9 secrets eq|hmac|sha256|leak */
#define EDGEFN_IMPLEMENTATION
#define EDGEFN_STATIC /* only functions that are called are compiled */
#include "edgefn.h"
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

static char secret[200], other[200];
static unsigned char mac[32];

static void fill(void)
{
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = other[i] = (char)(i * 7);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(secret, sizeof secret);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(other, sizeof other);
}

/* The result is no secret: the caller branches on it. */
static int shown(bool result)
{
    volatile bool known = result;

    (void)VALGRIND_MAKE_MEM_DEFINED((void *)&known, sizeof known);
    return known;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    int sum = 0;

    if (!RUNNING_ON_VALGRIND) return 2;
    fill();
    for (size_t n = 0; n <= sizeof secret; n += n < 70 ? 1 : 13) {
        edgefn_str a = { secret, n }, b = { other, n };
        if (strcmp(what, "eq") == 0) {
            sum += shown(edgefn_secret_eq(a, b));
            sum += shown(edgefn_secret_eq(a, (edgefn_str){ other, n / 2 }));
        } else if (strcmp(what, "hmac") == 0) {
            edgefn_hmac_sha256(a, EDGEFN_S("message"), mac);
            edgefn_hmac_sha256(a, b, mac);
            sum += shown(edgefn_secret_eq((edgefn_str){ (char *)mac, 32 }, b));
        } else if (strcmp(what, "sha256") == 0) {
            edgefn_sha256(a, mac);
            sum += shown(edgefn_secret_eq((edgefn_str){ (char *)mac, 32 }, b));
        } else if (strcmp(what, "leak") == 0) { /* what the test would find */
            sum += memcmp(secret, other, n) == 0;
        } else
            return 2;
    }
    printf("%d\n", sum);
    return 0;
}
