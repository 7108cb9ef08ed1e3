/* fuzz_token.c - signed tokens, compared with a slow HMAC (tests/slow_crypto.h) and a slow tree (tests/slow.h).

   The input: three bytes, then a header, after a NUL a payload, after another a text to hash or a whole token.

   Properties:
     - a token signed with the key is valid exactly if the slow reader says so: the algorithm, crit, exp, nbf and iat
     - no token with a byte changed, removed or added is valid, and no token that the fuzzer makes without the key
     - SHA-256 and HMAC are the slow ones; signing the payload makes a token that is verified */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../tests/test_jwt.c"
#include "fuzz.h"
#include "../tests/slow.h"
#include "../tests/slow_crypto.h"
#include "../tests/strict.h"

static edgefn_event ev;
typedef enum verdict { NO, YES, UNKNOWN } verdict;

/* The last member of that name counts. */
static const node *last_of(const node *object, const char *name)
{
    const node *found = NULL;
    for (const node *k = object->first; k != NULL; k = k->next)
        if (same(k->name, edgefn_cstr(name))) found = k;
    return found;
}

/* A number of seconds; UNKNOWN if a long double is not exact. */
static verdict seconds_of(const node *v, long double *seconds)
{
    char text[40];
    *seconds = 0;
    if (v->kind != '-' && (v->kind < '0' || v->kind > '9')) return NO;
    if (v->raw.len >= sizeof text) return UNKNOWN;
    snprintf(text, sizeof text, "%.*s", EDGEFN_FMT(v->raw));
    long double n = strtold(text, NULL), whole = truncl(n);
    if (v->raw.len > 20 && fabsl(n - roundl(n)) < 1e-3L) return UNKNOWN;
    *seconds = whole;
    return fabsl(whole) < 9007199254740992.0L ? YES : NO;
}

static node *object_of(edgefn_str json)
{
    size_t pos;
    if (json.len == 0 || strict_text(json, &pos) != EDGEFN_OK) return NULL;
    node *v = slow_tree(json);
    return v != NULL && v->kind == '{' ? v : NULL;
}

static verdict valid(edgefn_str header, edgefn_str payload)
{
    node *h = object_of(header), *p = object_of(payload);
    if (h == NULL || p == NULL || last_of(h, "crit")) return NO;
    const node *alg = last_of(h, "alg");
    if (alg == NULL || alg->kind != '"' || !same(alg->str, S("HS256"))) return NO;
    static const char *const names[] = { "exp", "nbf", "iat" };
    verdict all = YES;
    for (int i = 0; i < 3; i++) {
        const node *claim = last_of(p, names[i]);
        long double at = 0;
        verdict is = claim == NULL ? i == 0 ? NO : YES : seconds_of(claim, &at);
        if (is == YES && claim && i == 0 && at <= NOW) is = NO;
        if (is == YES && claim && i == 1 && at > NOW) is = NO;
        if (is == NO) return NO;
        if (is == UNKNOWN) all = UNKNOWN;
    }
    return all;
}

static edgefn_str signed_token(edgefn_str header, edgefn_str payload)
{
    unsigned char mac[32];
    edgefn_str parts[5] = { edgefn_base64url_encode(&ev, header),
                            S("."),
                            edgefn_base64url_encode(&ev, payload),
                            S("."),
                            { NULL, 0 } };
    slow_hmac(S(KEY), edgefn_str_join(&ev, parts, 3), mac);
    parts[4] = edgefn_base64url_encode(&ev, (edgefn_str){ (char *)mac, 32 });
    return edgefn_str_join(&ev, parts, 5);
}

static void forged(edgefn_str token, unsigned how, size_t at, char byte)
{
    edgefn_jwt_opts opts = hs();
    char *copy = (char *)fuzz_block(token.len + 1, 0);
    size_t n = token.len, rest;
    at %= n;
    rest = n - at;
    memcpy(copy, token.ptr, n);
    if (how % 4 == 0) memmove(copy + at + 1, token.ptr + at, rest), copy[at] = byte, n++;
    if (how % 4 == 1) memmove(copy + at, token.ptr + at + 1, rest - 1), n--;
    if (how % 4 >= 2) copy[at] = byte;
    edgefn_str other = { copy, n };
    if (!edgefn_str_eq(other, token)) HOLDS(!edgefn_jwt_verify(&ev, other, &opts).ok);
    HOLDS_FOR(&ev, ev.err.code == EDGEFN_OK);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const edgefn_env env = { .now_s = NOW };
    edgefn_parse_opts with = { .env = &env };
    edgefn_jwt_opts opts = hs();
    unsigned char a[32], b[32];
    fuzz_in in = { data, data + size };
    if (size > 4000) return 0;
    unsigned how = fuzz_byte(&in, 256), at = fuzz_byte(&in, 256), byte = fuzz_byte(&in, 256);
    edgefn_str header = fuzz_cut(&in, 0), payload = fuzz_cut(&in, 0), rest = fuzz_cut(&in, 256);
    HOLDS(edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                             fuzz_arena(0, size * 20 + 65536), &with)
          == EDGEFN_OK);
    slow_used = 0;
    edgefn_str token = signed_token(header, payload);
    verdict is = valid(header, payload);
    bool ok = edgefn_jwt_verify(&ev, token, &opts).ok;
    HOLDS_FOR(&ev, is == UNKNOWN || ok == (is == YES));
    forged(token, how, at + how / 4 * 61u, (char)byte);
    HOLDS(!edgefn_jwt_verify(&ev, rest, &opts).ok || edgefn_str_eq(rest, token));
    edgefn_sha256(rest, a), slow_sha256(rest, EDGEFN_ABSENT, b);
    HOLDS(memcmp(a, b, 32) == 0);
    edgefn_hmac_sha256(payload, rest, a), slow_hmac(payload.len ? payload : S(""), rest, b);
    HOLDS(memcmp(a, b, 32) == 0);
    if (object_of(payload)) {
        token = edgefn_jwt_sign(&ev, payload, S(KEY));
        is = valid(S("{\"alg\":\"HS256\"}"), payload);
        HOLDS(is == UNKNOWN || edgefn_jwt_verify(&ev, token, &opts).ok == (is == YES));
    }
    return 0;
}
