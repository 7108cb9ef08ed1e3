/* The arena. Proved for blocks of up to 6 bytes and what fits into them, and that no size makes it divide by zero; compared with arithmetic in 128 bits for small sizes, and for sizes around every power of
   two. */
#define MOST 6
#include "proof.h"

#ifdef __FRAMAC__
static void take(unsigned cap, unsigned used, unsigned size)
{
    edgefn_event ev = { 0 };
    ev.arena = edgefn_arena_make(proof_bytes + MOST - cap, cap);
    ev.arena.used = used;
    char *p = edgefn__take_bytes(&ev, size);
    //@ check ev.arena.used == used + size;
    p[0] = 1;
    p[size - 1] = 1;
}

static void prove(void)
{
    //@ loop unroll MOST + 1;
    for (unsigned n = 1; n <= MOST; n++) {
        //@ loop unroll MOST + 1;
        for (unsigned used = 0; used < n; used++) {
            //@ loop unroll MOST + 1;
            for (unsigned size = 1; size <= n - used; size++)
                take(n, used, size);
        }
    }
    const unsigned long most = (unsigned long)-1;
    edgefn__fits(Frama_C_unsigned_long_interval(1, most), Frama_C_unsigned_long_interval(0, most),
                 Frama_C_unsigned_long_interval(0, most));
    edgefn_memory_bound(Frama_C_unsigned_long_interval(0, most));
    edgefn_memory_event(Frama_C_unsigned_long_interval(0, most),
                        Frama_C_unsigned_long_interval(0, most));
}
#else
static unsigned char block[64 + 16];

static void take(size_t cap, size_t used, size_t count, size_t size, size_t align)
{
    edgefn_event ev = { 0 };
    edgefn_str shown = EDGEFN_S("");
    ev.arena = edgefn_arena_make(block, cap);
    ev.arena.used = used;
    unsigned __int128 bytes = (unsigned __int128)count * size;
    size_t pad = (align - ((uintptr_t)block + used) % align) % align;
    unsigned char *p = (unsigned char *)edgefn__take(&ev, count, size, align);
    bool fits = used + pad + bytes <= cap;
    same((p != NULL) == fits && (ev.err.code == EDGEFN_OK) == fits, shown);
    same(ev.arena.used == (fits ? used + pad + (size_t)bytes : used), shown);
    same(!fits || (p == block + used + pad && (uintptr_t)p % align == 0), shown);

    ev.arena.used = used;
    ev.err.code = EDGEFN_OK;
    size_t top = cap;
    size_t slack = ((uintptr_t)block + top) % 8;
    unsigned __int128 held = (bytes + 7) / 8 * 8 + slack;
    p = (unsigned char *)edgefn__take_top(&ev, &top, count, size);
    fits = used + held <= cap;
    same((p != NULL) == fits && ev.arena.used == used, shown);
    same(top == (fits ? cap - (size_t)held : cap)
             && (!fits || (p == block + top && (uintptr_t)p % 8 == 0)),
         shown);
}

static void compare(void)
{
    for (size_t cap = 0; cap <= 64; cap++)
        for (size_t used = 0; used <= cap; used++)
            for (size_t count = 1; count <= 40; count++)
                for (size_t size = 1; size <= 17; size++)
                    for (size_t align = 1; align <= 16; align *= 2)
                        take(cap, used, count, size, align);
    for (unsigned a = 0; a <= 64; a++)
        for (unsigned b = 0; b <= 12; b++)
            for (int d = -3; d <= 3; d++) {
                size_t count = (a < 64 ? (size_t)1 << a : 0) + (size_t)(ptrdiff_t)d;
                if (count == 0) continue;
                take(64, 5, count, (size_t)1 << b, 8);
                take(64, 5, count, ((size_t)1 << b) + 1, 8);
                take(64, 64, count, (size_t)1 << b, 1);
            }
    for (size_t i = 0; i <= 400; i++)
        for (size_t edits = 0; edits < 3; edits++) {
            size_t n = SIZE_MAX / 7 - 200 + i, e = edits * (SIZE_MAX / 400);
            unsigned __int128 bound =
                (unsigned __int128)n * 7 + 1024 + EDGEFN__SPARE * sizeof(edgefn_field);
            same(edgefn_memory_bound(n) == (bound > SIZE_MAX ? SIZE_MAX : (size_t)bound),
                 EDGEFN_S("bound"));
            same(edgefn_memory_event(n, e) >= edgefn_memory_bound(n), EDGEFN_S("event"));
            same(edgefn_memory_event(i, e) >= edgefn_memory_bound(i), EDGEFN_S("event"));
        }
}
#endif
