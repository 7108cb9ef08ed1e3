/* base64, both alphabets. Proved for up to 9 bytes; compared with a slow decoder for all texts of up to 2 bytes, and for those of 3 to 5 made of 17 characters;
   encoded and decoded again for all of up to 3 bytes. */
#define MOST 9
#include "proof.h"

#ifdef __FRAMAC__
static void read_in(edgefn_str s, const char *digits)
{
    edgefn__base64_read_as(s, NULL, digits);
    char to[MOST];
    edgefn__base64_read_as(s, to + MOST - (s.len / 4 * 3 + (s.len % 4 + 1) / 2),
                           digits); /* what the valid ones need */
}

static void prove(void)
{
    //@ loop unroll MOST + 1;
    for (unsigned n = 0; n <= MOST; n++) {
        edgefn_str s = unknown(n);
        read_in(s, edgefn__base64_digits);
        read_in(s, edgefn__base64url_digits);
    }
    //@ loop unroll 3;
    for (unsigned n = 1; n <= 3; n++) {
        edgefn_str s = unknown(n);
        char to[4];
        edgefn__base64_put(to + 3 - n, s.ptr, n, edgefn__base64_digits);
    }
}
#else
static int value_of(char c, bool url)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == (url ? '-' : '+')) return 62;
    return c == (url ? '_' : '/') ? 63 : -1;
}

/* Bit by bit: RFC 4648, the unused bits zero, padding in the first alphabet only and in full. Returns: the length, SIZE_MAX if invalid. */
static size_t slow(edgefn_str s, bool url, unsigned char *to)
{
    size_t digits = s.len, bits = 0;
    if (!url && s.len % 4 != 0) return SIZE_MAX;
    while (!url && digits > 0 && s.len - digits < 2 && s.ptr[digits - 1] == '=')
        digits--;
    if (digits % 4 == 1) return SIZE_MAX;
    memset(to, 0, 8);
    for (size_t i = 0; i < digits; i++) {
        int v = value_of(s.ptr[i], url);
        if (v < 0) return SIZE_MAX;
        for (int b = 5; b >= 0; b--, bits++)
            to[bits / 8] = (unsigned char)(to[bits / 8] | (v >> b & 1) << (7 - bits % 8));
    }
    if (bits % 8 != 0 && to[bits / 8] != 0) return SIZE_MAX;
    return bits / 8;
}

static void one(edgefn_str s)
{
    for (int url = 0; url < 2; url++) {
        unsigned char expected[8];
        char got[8];
        size_t n = slow(s, url, expected);
        size_t m =
            edgefn__base64_read_as(s, got, url ? edgefn__base64url_digits : edgefn__base64_digits);
        same(n == m && (n == SIZE_MAX || memcmp(got, expected, n) == 0), s);
    }
}

static void back(edgefn_str s)
{
    unsigned char memory[16], back[8];
    edgefn_event ev = { 0 };
    ev.arena = edgefn_arena_make(memory, sizeof memory);
    for (int url = 0; url < 2; url++) {
        edgefn_str text =
            edgefn__base64_write(&ev, s, url ? edgefn__base64url_digits : edgefn__base64_digits);
        same(slow(text, url, back) == s.len && memcmp(back, s.ptr, s.len) == 0, s);
    }
}

static void compare(void)
{
    const char *bytes = all_bytes();
    static const char few[] = "AQgwZaz059+/-_=.%";
    for (size_t n = 0; n <= 3; n++) {
        every(n, bytes, 256, n < 3 ? one : back);
        if (n < 3) every(n, bytes, 256, back);
    }
    every(3, few, sizeof few - 1, one);
    every(4, few, sizeof few - 1, one);
    every(5, few, sizeof few - 1, one);
}
#endif
