/* fuzz_codec.c - base64, hexadecimal, dates and addresses, compared with slow readers.

   The input: a text, which each of them reads.

   Properties:
     - base64 and base64url are accepted and decoded as by a loop over digits; encoding and decoding return the same bytes
     - a date is accepted exactly if it is one of the texts of its second, which the C library writes
     - an address is accepted exactly if inet_pton() accepts it, with the same bytes; its text is read as the same address; an
       address is in a network exactly if its first bits are equal
     - numbers are those of a loop over digits */
#ifndef _DEFAULT_SOURCE
#  define _DEFAULT_SOURCE
#endif
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../tests/test_body.c"
#include "fuzz.h"
#include <arpa/inet.h>
#include <strings.h>

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

/* The texts without the weekday, which need not be the right one. */
static void dates(edgefn_str s)
{
    edgefn_time t = edgefn_date_parse(&ev, s);
    if (!t.ok) return;
    char text[4][64];
    struct tm tm;
    time_t when = (time_t)t.seconds;
    bool equal = false;
    for (int leap = 0; leap < 2; leap++) { /* second 60 is the first of the next minute */
        when -= leap;
        gmtime_r(&when, &tm);
        if (leap) tm.tm_sec = 60;
        strftime(text[0], 64, ", %d %b %Y %H:%M:%S GMT", &tm);
        strftime(text[1], 64, ", %d-%b-%y %H:%M:%S GMT", &tm);
        strftime(text[2], 64, " %b %e %H:%M:%S %Y", &tm);
        strftime(text[3], 64, " %b %d %H:%M:%S %Y", &tm);
        for (int i = 0; i < 4; i++)
            equal |= edgefn_str_ends(s, edgefn_cstr(text[i]));
        if (tm.tm_sec != 60 && tm.tm_sec != 0) break;
    }
    edgefn_str again = edgefn_date_text(&ev, t.seconds);
    HOLDS(edgefn_date_parse(&ev, again).seconds == t.seconds && (equal || tm.tm_year < -900));
}

static void addresses(edgefn_str s, edgefn_str other)
{
    char z[64];
    unsigned char b[16] = { 0 };
    edgefn_ip ip = edgefn_ip_parse(s);
    bool four = false, ok = false;
    if (s.len < sizeof z && (s.len == 0 || !memchr(s.ptr, 0, s.len))) {
        snprintf(z, sizeof z, "%.*s", EDGEFN_FMT(s));
        four = inet_pton(AF_INET, z, b + 12) == 1;
        if (four) b[10] = b[11] = 0xff;
        ok = four || inet_pton(AF_INET6, z, b) == 1;
    }
    HOLDS(ip.ok == ok && (!ok || memcmp(ip.bytes, b, 16) == 0));
    HOLDS(edgefn_ip_in(ip, &s, 1) == ok);
    if (!ok) return;
    edgefn_ip again = edgefn_ip_parse(edgefn_ip_text(&ev, ip));
    HOLDS(again.ok && memcmp(again.bytes, ip.bytes, 16) == 0);
    ip = edgefn_ip_parse(other);
    for (unsigned bits = 0; ip.ok && bits <= 128; bits += 7) {
        static const unsigned char v4[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
        bool is4 = memcmp(ip.bytes, v4, 12) == 0, net4 = memcmp(b, v4, 12) == 0, in = is4 == net4;
        unsigned skip = four ? 96 : 0;
        if (skip + bits > 128 || (net4 && !four)) break;
        for (unsigned i = 0; i < skip + bits; i++)
            in &= ((ip.bytes[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1) == 0;
        edgefn_str cidr = { z, (size_t)snprintf(z, sizeof z, "%.*s/%u", EDGEFN_FMT(s), bits) };
        HOLDS(cidr.len >= sizeof z || edgefn_ip_in(ip, &cidr, 1) == in);
    }
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
    static const edgefn_env env = { .now_s = 1767863704 };
    edgefn_parse_opts opts = { .env = &env };
    fuzz_in in = { data, data + size };
    if (size > 4000) return 0;
    HOLDS(edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                             fuzz_arena(0, size * 40 + 65536), &opts)
          == EDGEFN_OK);
    base64(guard_copy(data, size));
    dates(guard_copy(data, size));
    numbers(guard_copy(data, size));
    edgefn_str first = fuzz_cut(&in, ' ');
    addresses(guard_copy(first.ptr, first.len), fuzz_cut(&in, 256));
    HOLDS_FOR(&ev, ev.err.code == EDGEFN_OK);
    return 0;
}
