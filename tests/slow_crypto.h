/* slow_crypto.h - SHA-256 and HMAC-SHA-256 as FIPS 180-4 and RFC 2104 define them, for tests. The
   constants are computed: the first bits of roots of primes. Shares no code with the library. */
#ifndef SLOW_CRYPTO_H
#define SLOW_CRYPTO_H
#include <math.h>

/* Returns the first 32 bits of the fraction of a root of a small prime. Long double is exact
   enough: no root is within 2^-52 of a change of these bits. */
static uint32_t slow_root(unsigned prime, bool cube)
{
    long double root = cube ? cbrtl((long double)prime) : sqrtl((long double)prime);
    return (uint32_t)((root - floorl(root)) * 4294967296.0L);
}

static unsigned slow_prime(unsigned nth)
{
    for (unsigned p = 2;; p++) {
        unsigned d = 2;
        while (p % d != 0)
            d++;
        if (d == p && nth-- == 0) return p;
    }
}

static uint32_t slow_turn(uint32_t v, unsigned n)
{
    return v >> n | v << (32 - n);
}

static void slow_block(uint32_t h[8], const unsigned char *b)
{
    static uint32_t k[64];
    uint32_t w[64], s[8];
    for (unsigned i = 0; i < 64 && k[63] == 0; i++)
        k[i] = slow_root(slow_prime(i), true);
    for (unsigned i = 0; i < 64; i++) {
        if (i < 16) {
            w[i] = (uint32_t)b[i * 4] << 24 | (uint32_t)b[i * 4 + 1] << 16
                   | (uint32_t)b[i * 4 + 2] << 8 | b[i * 4 + 3];
            continue;
        }
        uint32_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (slow_turn(x, 7) ^ slow_turn(x, 18) ^ x >> 3) + w[i - 7]
               + (slow_turn(y, 17) ^ slow_turn(y, 19) ^ y >> 10);
    }
    memcpy(s, h, sizeof s);
    for (unsigned i = 0; i < 64; i++) {
        uint32_t a = s[0], e = s[4];
        uint32_t one = s[7] + (slow_turn(e, 6) ^ slow_turn(e, 11) ^ slow_turn(e, 25))
                       + ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i];
        uint32_t two = (slow_turn(a, 2) ^ slow_turn(a, 13) ^ slow_turn(a, 22))
                       + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof s[0]);
        s[4] += one;
        s[0] = one + two;
    }
    for (unsigned i = 0; i < 8; i++)
        h[i] += s[i];
}

/* The hash of two texts, one after the other. */
TEST_UNUSED static void slow_sha256(edgefn_str a, edgefn_str b, unsigned char out[32])
{
    uint32_t h[8];
    size_t len = a.len + b.len, whole = (len + 9 + 63) / 64 * 64;
    unsigned char *text = (unsigned char *)calloc(whole, 1);
    if (text == NULL) abort();
    if (a.len != 0) memcpy(text, a.ptr, a.len);
    if (b.len != 0) memcpy(text + a.len, b.ptr, b.len);
    text[len] = 0x80;
    for (unsigned i = 0; i < 8; i++)
        text[whole - 1 - i] = (unsigned char)((uint64_t)len * 8 >> (i * 8));
    for (unsigned i = 0; i < 8; i++)
        h[i] = slow_root(slow_prime(i), false);
    for (size_t at = 0; at < whole; at += 64)
        slow_block(h, text + at);
    for (unsigned i = 0; i < 32; i++)
        out[i] = (unsigned char)(h[i / 4] >> (24 - i % 4 * 8));
    free(text);
}

TEST_UNUSED static void slow_hmac(edgefn_str key, edgefn_str text, unsigned char out[32])
{
    unsigned char block[64] = { 0 }, inner[32], hashed[32];
    edgefn_str pad = { (char *)block, 64 }, none = { NULL, 0 };
    slow_sha256(key, none, hashed);
    memcpy(block, key.len > 64 ? (const char *)hashed : key.ptr, key.len > 64 ? 32 : key.len);
    for (unsigned i = 0; i < 64; i++)
        block[i] ^= 0x36;
    slow_sha256(pad, text, inner);
    for (unsigned i = 0; i < 64; i++)
        block[i] ^= 0x36 ^ 0x5c;
    edgefn_str mid = { (char *)inner, 32 };
    slow_sha256(pad, mid, out);
}
#endif
