/* fuzz_net.c - addresses, networks and dates, compared with the C library.

   The input: a date; or an address, and after a space another one.

   Properties:
     - an address is accepted exactly if inet_pton() accepts it, with the same bytes; its text is read as the same address; an
       address is in a network exactly if its first bits are equal
     - an accepted date is one of the texts of its second, which the C library writes; the library's own text of it is read again
     - none of these calls fails the event */
#ifndef _DEFAULT_SOURCE
#  define _DEFAULT_SOURCE
#endif
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "../tests/test.h"
#include "fuzz.h"
#include "../tests/kit.h"
#include <arpa/inet.h>

static edgefn_event ev;

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const edgefn_env env = { .now_s = 1767863704 };
    edgefn_parse_opts opts = { .env = &env };
    fuzz_in in = { data, data + size };
    if (size > 4000) return 0;
    HOLDS(edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                             fuzz_arena(0, 65536), &opts)
          == EDGEFN_OK);
    dates(guard_copy(data, size));
    edgefn_str first = fuzz_cut(&in, ' ');
    addresses(guard_copy(first.ptr, first.len), fuzz_cut(&in, 256));
    HOLDS_FOR(&ev, ev.err.code == EDGEFN_OK);
    return 0;
}
