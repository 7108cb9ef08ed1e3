/* The portable scan of one block of 64 bytes. Proved for all blocks, but for the masks of UTF-8; each mask compared bit by bit for every byte in every place beside every other byte. */
#include "proof.h"

#ifdef __FRAMAC__
static void prove(void)
{
    static char block[64];
    edgefn__masks m;
    uint64_t care;
    uint64_t control;
    //@ loop unroll 64;
    for (unsigned i = 0; i < 64; i++)
        block[i] = Frama_C_char_interval(-128, 127);
    edgefn__masks_portable(block, &m);
    edgefn__quick_portable(block, &care);
    edgefn__spaced_portable(block, &control);
    uint64_t starts = edgefn__escape_starts(m.slash, 1);
    uint64_t inside = edgefn__inside_portable(m.quote & ~starts, m.control);
    edgefn__top_bit(inside | 1);
}
#else
static uint64_t bit_if(bool is, unsigned i)
{
    return (uint64_t)is << i;
}

static void masks(edgefn_str s)
{
    edgefn__masks m;
    edgefn__masks expected = { 0, 0, 0, 0 };
    for (unsigned i = 0; i < 64; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        expected.quote |= bit_if(c == '"', i);
        expected.slash |= bit_if(c == '\\', i);
        expected.control |= bit_if(c < 0x20, i);
        expected.high |= bit_if(c >= 0x80, i);
    }
    edgefn__masks_portable(s.ptr, &m);
    same(m.quote == expected.quote && m.slash == expected.slash && m.control == expected.control
             && m.high == expected.high,
         s);
    uint64_t care;
    uint64_t quote = edgefn__quick_portable(s.ptr, &care);
    same(quote == expected.quote && (care != 0) == ((m.slash | m.control | m.high) != 0), s);
}

/* Every pattern of 16 bits, at four places. */
static void bits(uint64_t v, unsigned at)
{
    uint64_t slash = v << at, starts = 0, inside = 0;
    bool escaped = false, open = false;
    for (unsigned i = 0; i < 64; i++) {
        bool is = (slash >> i & 1) != 0;
        open ^= is;
        inside |= bit_if(open, i);
        if (is && !escaped) starts |= bit_if(true, i);
        escaped = is && !escaped;
    }
    edgefn_str none = EDGEFN_S("bits");
    same(edgefn__escape_starts(slash, 0) == starts, none);
    same(edgefn__inside_portable(slash, 0) == inside, none);
    same(edgefn__inside_portable(slash, 1) == ~inside, none);
    unsigned count = 0;
    for (uint64_t rest = slash; rest != 0; rest &= rest - 1)
        count++;
    same(edgefn__popcount(slash) == count, none);
}

static void compare(void)
{
    char block[64];
    for (unsigned at = 0; at < 64; at++)
        for (int c = 0; c < 256; c++)
            for (int next = 0; next < 256; next++) {
                memset(block, 'a', 64);
                block[at] = (char)c;
                block[(at + 1) % 64] = (char)next;
                masks(edgefn__str(block, 64));
            }
    for (uint64_t v = 0; v < 0x100000; v++)
        for (unsigned at = 0; at <= 44; at += 11)
            bits(v, at);
}
#endif
