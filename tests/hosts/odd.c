/* odd.c - for the tests of hosts: a handler that does what the header x-test says. */
#include "edgefn.h"
#define S EDGEFN_S

/* Overflows the stack. */
static size_t deep(size_t n)
{
    volatile char frame[4096];
    frame[n % sizeof frame] = (char)n;
    return n == 0 ? 0 : deep(n - 1) + (size_t)frame[n % sizeof frame];
}

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_fields *headers = edgefn_is_request(ev) ? &ev->request.headers : &ev->response.headers;
    edgefn_str how = edgefn_get(headers, S("x-test"));

    if (edgefn_str_eq(how, S("log"))) {
        static char text[1200];
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = 'x';
        edgefn_log(ev, S("one\ntwo \xc3\xa4\xc2\x9b"));
        edgefn_log(ev, (edgefn_str){ text, sizeof text });
    }
    if (edgefn_str_eq(how, S("false"))) return false;
    if (edgefn_str_eq(how, S("trap"))) __builtin_trap();
    if (edgefn_str_eq(how, S("deep"))) return deep(100000) != 1;
    if (edgefn_str_eq(how, S("uri"))) ev->request.uri = S("no-slash");
    if (edgefn_str_eq(how, S("forbidden"))) edgefn_set(headers, S("Connection"), S("close"));
    if (edgefn_str_eq(how, S("eat")))
        while (edgefn_alloc(ev, 1 << 20, 1) != NULL)
            continue;
    if (edgefn_str_eq(how, S("big"))) { /* more memory than hosts provide at first */
        char *p = edgefn_alloc(ev, 8 << 20, 1);
        if (p == NULL) return false;
        p[0] = '/';
        for (size_t i = 1; i < 4000; i++)
            p[i] = 'a';
        ev->request.uri = (edgefn_str){ p, 4000 };
    }
    if (edgefn_str_eq(how, S("clock"))) {
        uint32_t draw = 0;
        if (!edgefn_draw(ev, &draw)) return false;
        edgefn_set(headers, S("X-Now"), edgefn_str_from_u64(ev, (uint64_t)ev->env->now_s));
        edgefn_set(headers, S("X-Draw"), edgefn_str_from_u64(ev, draw));
        edgefn_set(headers, S("X-Random"), edgefn_random_text(ev, S("test")));
    }
    if (edgefn_str_eq(how, S("lookup")) || edgefn_str_eq(how, S("big-lookup"))) {
        edgefn_str value =
            edgefn_lookup(ev, edgefn_get(headers, S("x-table")), edgefn_get(headers, S("x-key")));
        edgefn_set(headers, S("X-Value"), value.ptr ? value : S("(absent)"));
        if (edgefn_str_eq(how, S("big-lookup"))) return edgefn_alloc(ev, 8 << 20, 1) != NULL;
    }
    if (edgefn_str_eq(how, S("token"))) {
        edgefn_jwt_opts opts = { .rs256 = true, .es256 = true };
        edgefn_jwt jwt = edgefn_jwt_verify(ev, edgefn_get(headers, S("x-token")), &opts);
        edgefn_set(headers, S("X-Value"), jwt.ok ? S("valid") : edgefn_cstr(jwt.why));
    }
    return true;
}

#ifdef __wasm__ /* the mem* functions of wasm.c, around the size of a word */
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

__attribute__((export_name("test_memory"))) size_t test_memory(void);
size_t test_memory(void)
{
    static unsigned char got[128];
    size_t wrong = 0;

    for (size_t n = 0; n < 40; n++)
        for (size_t from = 0; from < 40; from++) {
            for (size_t i = 0; i < 128; i++)
                got[i] = (unsigned char)(i + 1);
            bool there = memmove(got + 20, got + from, n) == got + 20;
            for (size_t i = 0; i < 128; i++)
                wrong +=
                    got[i] != (unsigned char)(i >= 20 && i < 20 + n ? i - 20 + from + 1 : i + 1);
            wrong += !there + (memcpy(got + 80, got + from, n) != got + 80)
                     + (memcmp(got + 80, got + from, n) != 0);
            wrong += memcmp(got, got + 1, 0) != 0;
            got[80 + n] = got[from + n] ^ 128;
            int order = memcmp(got + 80, got + from, n + 1);
            wrong += got[80 + n] < got[from + n] ? order >= 0 : order <= 0;
            wrong += memset(got + from, 200 + (int)n, n) != got + from;
            for (size_t i = 0; i < n; i++)
                wrong += got[from + i] != 200 + n;
            wrong += (from > 0 && got[from - 1] == 200 + n) + (got[from + n] == 200 + n);
        }
    return wrong;
}
#endif
