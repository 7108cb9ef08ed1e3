/* Decimal and hexadecimal numbers, and %XX. Proved for up to 24 bytes; compared with slow versions for all texts of up to 3 bytes, all of 4 hex digits and their
   neighbours, and for the numbers around the largest one. */
#include "proof.h"

#ifdef __FRAMAC__
static void prove(void)
{
    //@ loop unroll MOST + 1;
    for (unsigned n = 0; n <= MOST; n++) {
        edgefn_str s = unknown(n);
        edgefn_str_to_u64(s);
        int32_t unit = edgefn__hex4(s.ptr, s.len);
        //@ loop unroll MOST;
        for (unsigned i = 0; i < n; i++) {
            int byte = edgefn__percent(s, i);
            //@ check -1 <= byte <= 255;
        }
    }
}
#else
static int digit_of(char c)
{
    const char *all = "0123456789abcdefABCDEF";
    const char *at = c != '\0' ? strchr(all, c) : NULL;
    return at == NULL ? -1 : at - all < 16 ? (int)(at - all) : (int)(at - all - 6);
}

static void decimal(edgefn_str s)
{
    edgefn_number n = edgefn_str_to_u64(s);
    bool ok = s.len != 0;
    unsigned __int128 value = 0;
    for (size_t i = 0; i < s.len; i++) {
        ok = ok && s.ptr[i] >= '0' && s.ptr[i] <= '9';
        value = value * 10 + (unsigned)(s.ptr[i] - '0');
    }
    ok = ok && value <= UINT64_MAX;
    same(n.ok == ok && n.value == (ok ? (uint64_t)value : 0), s);
}

static void percent(edgefn_str s)
{
    int high = s.len >= 3 && s.ptr[0] == '%' ? digit_of(s.ptr[1]) : -1;
    int low = high >= 0 ? digit_of(s.ptr[2]) : -1;
    same(s.len == 0 || edgefn__percent(s, 0) == (low >= 0 ? high * 16 + low : -1), s);
}

static void both(edgefn_str s)
{
    decimal(s);
    percent(s);
}

static void hex(edgefn_str s)
{
    int32_t value = 0;
    for (size_t i = 0; i < 4 && value >= 0; i++)
        value = digit_of(s.ptr[i]) < 0 ? -1 : value * 16 + digit_of(s.ptr[i]);
    same(edgefn__hex4(s.ptr, s.len) == value, s);
}

static void compare(void)
{
    const char *bytes = all_bytes();
    for (size_t n = 0; n <= 3; n++)
        every(n, bytes, 256, both);
    static const char hexes[] = "0123456789abcdefABCDEF/:@G`g\x7f\x80\xff";
    every(4, hexes, sizeof hexes - 1, hex);
    for (int64_t i = -2000; i <= 2000; i++) {
        char text[40];
        unsigned __int128 v = (unsigned __int128)UINT64_MAX + (unsigned __int128)(__int128)i;
        int at = 39;
        for (; v != 0; v /= 10)
            text[--at] = (char)('0' + (int)(v % 10));
        decimal(edgefn__str(text + at, (size_t)(39 - at)));
    }
}
#endif
