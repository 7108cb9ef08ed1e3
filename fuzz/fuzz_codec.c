/* fuzz_codec.c - base64, hexadecimal and numbers, compared with slow readers.

   Properties:
     - base64 and base64url are accepted and decoded as by a loop over digits; encoding and decoding return the same bytes
     - numbers are those of a loop over digits; none of these calls fails the event */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../tests/test_body.c"
#include "fuzz.h"

static edgefn_event ev;

/* Decodes by the definition: six bits a digit. Returns: false if the text is invalid. */
static bool slow_base64(edgefn_str s, bool url, unsigned char *out, size_t *n)
{
    size_t pad = 0, digits = s.len;
    unsigned bits = 0, have = 0;
    while (!url && pad < 2 && pad < s.len && s.ptr[s.len - 1 - pad] == '=')
        pad++;
    digits -= pad, *n = 0;
    if (digits % 4 == 1 || (!url && (digits + pad) % 4 != 0) || (pad && digits % 4 == 0))
        return false;
    for (size_t i = 0; i < digits; i++) {
        int c = (unsigned char)s.ptr[i];
        if (url && (c == '+' || c == '/')) return false;
        int v = base64_digit(url && c == '-' ? '+' : url && c == '_' ? '/' : c);
        if (v < 0) return false;
        bits = bits << 6 | (unsigned)v, have += 6;
        if (have >= 8) out[(*n)++] = (unsigned char)(bits >> (have -= 8));
    }
    return (bits & ((1u << have) - 1)) == 0;
}

static void base64(edgefn_str s)
{
    static unsigned char out[1 << 16];
    for (int url = 0; url < 2; url++) {
        size_t n;
        bool good = slow_base64(s, url, out, &n);
        edgefn_str got = url ? edgefn_base64url_decode(&ev, s) : edgefn_base64_decode(&ev, s);
        HOLDS((got.ptr != NULL) == good
              && (!good || fuzz_same(got, (edgefn_str){ (char *)out, n })));
        edgefn_str text = url ? edgefn_base64url_encode(&ev, s) : edgefn_base64_encode(&ev, s);
        HOLDS(slow_base64(text, url, out, &n) && n == s.len
              && (n == 0 || memcmp(out, s.ptr, n) == 0));
        if (good)
            HOLDS(fuzz_same(
                url ? edgefn_base64url_encode(&ev, got) : edgefn_base64_encode(&ev, got), s));
    }
    HOLDS(edgefn_str_eq(edgefn_hex_decode(&ev, edgefn_hex_encode(&ev, s)), s));
}

static void numbers(edgefn_str s)
{
    uint64_t v = 0;
    bool ok = s.len > 0;
    for (size_t i = 0; i < s.len && ok; i++) {
        unsigned d = (unsigned)(unsigned char)s.ptr[i] - '0';
        ok = d < 10 && v <= (UINT64_MAX - d) / 10;
        v = v * 10 + d;
    }
    edgefn_number n = edgefn_str_to_u64(s);
    HOLDS(n.ok == ok && (!ok || n.value == v));
    if (ok) HOLDS(edgefn_str_to_u64(edgefn_str_from_u64(&ev, v)).value == v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4000) return 0;
    HOLDS(edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                             fuzz_arena(0, size * 40 + 65536), NULL)
          == EDGEFN_OK);
    base64(guard_copy(data, size));
    numbers(guard_copy(data, size));
    HOLDS_FOR(&ev, ev.err.code == EDGEFN_OK);
    return 0;
}
