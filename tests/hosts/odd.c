/* odd.c - a handler that does what the header x-test says: for the tests of hosts. */
#include "edgefn.h"
#define S EDGEFN_S

/* Runs over the stack's end. */
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

    if (edgefn_str_eq(how, S("false"))) return false;
    if (edgefn_str_eq(how, S("trap"))) __builtin_trap();
    if (edgefn_str_eq(how, S("deep"))) return deep(100000) != 1;
    if (edgefn_str_eq(how, S("uri"))) ev->request.uri = S("no-slash");
    if (edgefn_str_eq(how, S("forbidden"))) edgefn_set(headers, S("Connection"), S("close"));
    if (edgefn_str_eq(how, S("eat")))
        while (edgefn_alloc(ev, 1 << 20, 1) != NULL) continue;
    if (edgefn_str_eq(how, S("big"))) { /* more than a host gives at first */
        char *p = edgefn_alloc(ev, 8 << 20, 1);
        if (p == NULL) return false;
        p[0] = '/';
        for (size_t i = 1; i < 4000; i++) p[i] = 'a';
        ev->request.uri = (edgefn_str){ p, 4000 };
    }
    if (edgefn_str_eq(how, S("clock"))) {
        uint32_t draw = 0;
        if (!edgefn_draw(ev, &draw)) return false;
        edgefn_set(headers, S("X-Now"), edgefn_str_from_u64(ev, (uint64_t)ev->env->now_s));
        edgefn_set(headers, S("X-Draw"), edgefn_str_from_u64(ev, draw));
    }
    if (edgefn_str_eq(how, S("lookup"))) {
        edgefn_str value = edgefn_lookup(ev, edgefn_get(headers, S("x-table")), edgefn_get(headers, S("x-key")));
        edgefn_set(headers, S("X-Value"), value.ptr ? value : S("(absent)"));
    }
    return true;
}
