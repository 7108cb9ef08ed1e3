/* edgefn_bytes.h - the functions that compilers call implicitly, for a module of WebAssembly without a C library. Included by one file of it,
   which is compiled before link-time optimization. */
#ifndef EDGEHOST_BYTES_H_INCLUDED
#define EDGEHOST_BYTES_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* Eight bytes at a time: these compile to one load and one store. */
void *memcpy(void *to, const void *from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    for (; n >= 8; n -= 8, t += 8, f += 8)
        __builtin_memcpy(t, f, 8);
    while (n-- > 0)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    if ((size_t)t - (size_t)f >= n) return memcpy(to, from, n); /* also if `to` is below `from` */
    while (n >= 8) {
        uint64_t word;
        n -= 8;
        __builtin_memcpy(&word, f + n, 8);
        __builtin_memcpy(t + n, &word, 8);
    }
    while (n-- > 0)
        t[n] = f[n];
    return to;
}

void *memset(void *to, int c, size_t n)
{
    unsigned char *t = to;
    uint64_t word = (unsigned char)c * 0x0101010101010101u;

    for (; n >= 8; n -= 8, t += 8)
        __builtin_memcpy(t, &word, 8);
    while (n-- > 0)
        *t++ = (unsigned char)c;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;

    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}

#endif
