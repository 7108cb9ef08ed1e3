/* Without libc: -ffreestanding -nostdlib. Compilers may call only the four functions below,
   which are defined here; no other symbol may be undefined. On Linux x86-64 the program has its
   own entry point and runs; as WebAssembly it exports handle(). */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

void *memcpy(void *to, const void *from, size_t n)
{
    /* volatile, otherwise the loop is compiled into a call of memcpy */
    volatile unsigned char *t = to;
    const unsigned char *f = from;
    for (size_t i = 0; i < n; i++)
        t[i] = f[i];
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    volatile unsigned char *t = to;
    const unsigned char *f = from;
    if ((uintptr_t)to <= (uintptr_t)from) return memcpy(to, from, n);
    while (n--)
        t[n] = f[n];
    return to;
}

void *memset(void *to, int c, size_t n)
{
    volatile unsigned char *t = to;
    for (size_t i = 0; i < n; i++)
        t[i] = (unsigned char)c;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}

static const char json[] = "{\"Records\":[{\"cf\":{\"config\":{\"eventType\":\"viewer-request\"},"
                           "\"request\":{\"method\":\"GET\",\"uri\":\"/a\",\"headers\":{}}}}]}";
static unsigned char mem[16384];

/* Returns 0 if an event was parsed, edited and written. */
int handle(void);
int handle(void)
{
    static edgefn_event ev;
    edgefn_str in = { json, sizeof json - 1 };
    if (edgefn_parse(&ev, in, edgefn_arena_make(mem, sizeof mem), NULL) != EDGEFN_OK) return 1;
    if (!edgefn_set(&ev.request.headers, EDGEFN_S("x-a"), EDGEFN_S("1"))) return 2;
    edgefn_str out = edgefn_finish(&ev, NULL);
    if (!out.ptr) return 3;
    if (!edgefn_answer_with(&ev, in, edgefn_arena_make(mem, sizeof mem), NULL, NULL).ptr) return 5;
    if (ev.err.code != EDGEFN_E_OPTIONS)
        return 6; /* without a handler; edgefn_answer() would have to be linked with one */
    if (edgefn_parse(&ev, in, edgefn_arena_make(mem, sizeof mem), NULL) != EDGEFN_OK) return 1;
    if (!edgefn_set(&ev.request.headers, EDGEFN_S("x-a"), EDGEFN_S("1"))) return 2;
    out = edgefn_finish(&ev, NULL);
    return edgefn_str_contains(out, EDGEFN_S("\"x-a\":[")) ? 0 : 4;
}

#if defined(__linux__) && defined(__x86_64__) && !defined(__ILP32__)
void entry(void);
__attribute__((used)) void entry(void)
{
    __asm__ volatile("syscall"
                     :
                     : "a"(60), "D"((long)handle())
                     : "rcx", "r11", "memory"); /* exit */
}
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tand $-16, %rsp\n\tcall entry\n\thlt\n");
#endif
