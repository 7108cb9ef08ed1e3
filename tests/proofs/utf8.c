/* UTF-8. Proved for up to 24 bytes; compared with the table of RFC 3629 for all texts of 1 to 3 bytes, and those of 4 that begin with f0 to ff. */
#include "proof.h"

#ifdef __FRAMAC__
static void prove(void)
{
    //@ loop unroll MOST;
    for (unsigned n = 1; n < MOST; n++) {
        edgefn_str s = unknown(n);
        int len = edgefn__utf8(s.ptr, s.len);
        //@ check -1 <= len <= 4;
        size_t run = edgefn__plain_run(s.ptr, s.len);
        edgefn__copy_plain(NULL, s);
        char copy[MOST];
        edgefn__copy_plain(copy, s);
        char four[4];
        edgefn__store_utf8(four, (uint32_t)Frama_C_unsigned_int_interval(0, 0x10ffff));
    }
}
#else
/* The ranges of RFC 3629, section 4. */
static bool slow(const unsigned char *p, size_t n)
{
    static const unsigned char rows[9][9] = {
        { 1, 0x00, 0x7f },
        { 2, 0xc2, 0xdf, 0x80, 0xbf },
        { 3, 0xe0, 0xe0, 0xa0, 0xbf, 0x80, 0xbf },
        { 3, 0xe1, 0xec, 0x80, 0xbf, 0x80, 0xbf },
        { 3, 0xed, 0xed, 0x80, 0x9f, 0x80, 0xbf },
        { 3, 0xee, 0xef, 0x80, 0xbf, 0x80, 0xbf },
        { 4, 0xf0, 0xf0, 0x90, 0xbf, 0x80, 0xbf, 0x80, 0xbf },
        { 4, 0xf1, 0xf3, 0x80, 0xbf, 0x80, 0xbf, 0x80, 0xbf },
        { 4, 0xf4, 0xf4, 0x80, 0x8f, 0x80, 0xbf, 0x80, 0xbf },
    };
    if (n == 0) return true;
    for (int r = 0; r < 9; r++) {
        size_t i = 0;
        while (i < rows[r][0] && i < n && p[i] >= rows[r][1 + i * 2] && p[i] <= rows[r][2 + i * 2])
            i++;
        if (i == rows[r][0]) return slow(p + i, n - i);
    }
    return false;
}

static void one(edgefn_str s)
{
    same(edgefn__is_utf8(s) == slow((const unsigned char *)s.ptr, s.len), s);
}

static void compare(void)
{
    const char *bytes = all_bytes();
    for (size_t n = 0; n <= 3; n++)
        every(n, bytes, 256, one);
    char four[4];
    for (uint64_t v = 0xf0000000u; v <= 0xffffffffu; v++) {
        for (int i = 0; i < 4; i++)
            four[i] = (char)(v >> (24 - i * 8) & 255);
        one(edgefn__str(four, 4));
    }
}
#endif
