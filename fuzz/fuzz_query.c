/* fuzz_query.c - queries and cookies, compared with the slow lists of tests/test_model.c.

   The input: a byte of flags, then a query, after a NUL a Cookie header and after another a Set-Cookie header.

   Properties:
     - a list has the names and values of the slow one, and its text is the received one
     - a normalised query is the slow one; normalising again changes nothing; with any options it is the same after shuffling
       parameters of different names
     - edgefn_form_next() returns the pairs; encoding and decoding return the same bytes
     - a value that was set is read back from the text that is written */
#define TEST_NO_MAIN
#include "../tests/test_model.c"
#include "fuzz.h"

static void list_is(edgefn_fields *f, const list *l)
{
    HOLDS(f->len == l->n);
    for (size_t i = 0; i < l->n; i++) {
        HOLDS(same(f->items[i].name, l->it[i].name) && same(f->items[i].value, l->it[i].value));
        HOLDS(same(f->items[i].attributes, l->it[i].attributes));
    }
}

static void pairs(edgefn_event *ev, edgefn_str query, const list *l)
{
    edgefn_str rest = query, name, value;
    size_t n = 0;
    for (; edgefn_form_next(&rest, &name, &value); n++)
        HOLDS(n < l->n && same(name, l->it[n].name) && edgefn_str_eq(value, l->it[n].value));
    HOLDS(n == l->n);
    edgefn_str coded = edgefn_percent_encode(ev, query, EDGEFN_S("=&"));
    HOLDS_FOR(ev, edgefn_str_eq(edgefn_percent_decode(ev, coded, false), query));
    coded = edgefn_form_encode(ev, query);
    HOLDS_FOR(ev, edgefn_str_eq(edgefn_percent_decode(ev, coded, true), query));
}

static void normal(edgefn_event *ev, edgefn_str query, unsigned flags)
{
    static model m;
    memset(&m, 0, sizeof m);
    m.query = query;
    model_normalize(&m);
    ev->request.querystring = query;
    HOLDS_FOR(ev, edgefn_query_normalize(ev, NULL) && same(ev->request.querystring, m.query));
    edgefn_query_opts opts = { .lower_case_names = flags & 1,
                               .plus_is_space = flags & 2,
                               .sort_values = flags & 4 };
    HOLDS_FOR(ev, edgefn_query_normalize(ev, &opts));
    edgefn_str once = ev->request.querystring;
    HOLDS_FOR(ev, edgefn_query_normalize(ev, &opts) && ev->request.querystring.ptr == once.ptr);
}

/* Opens an event built from its parts. */
static bool built(edgefn_event *ev, bool request, edgefn_str query, edgefn_str header)
{
    size_t room = (query.len + header.len) * 300 + 65536;
    edgefn_event_type type = request ? EDGEFN_VIEWER_REQUEST : EDGEFN_ORIGIN_RESPONSE;
    HOLDS(edgefn_build_begin(ev, EDGEFN_DIALECT_LAMBDA, type, fuzz_arena(0, room), NULL)
          == EDGEFN_OK);
    ev->request.method = S("GET"), ev->request.uri = S("/"), ev->request.querystring = query;
    ev->response.status = request ? 0 : 200;
    edgefn_add(request ? &ev->request.headers : &ev->response.headers,
               request ? S("cookie") : S("set-cookie"), header);
    return edgefn_build_end(ev);
}

static void queries(edgefn_str query, unsigned flags)
{
    static list l;
    edgefn_event ev;
    if (!built(&ev, true, query, S("a=1"))) return;
    list_clear(&l);
    read_query(&l, query);
    edgefn_fields *f = edgefn_query(&ev);
    list_is(f, &l);
    HOLDS_FOR(&ev, edgefn_str_eq(edgefn_query_text(&ev), query));
    pairs(&ev, query, &l);
    bool differs = l.n > 0 && !same(l.it[l.n - 1].value, S("new"));
    if (differs && edgefn_set_at(f, l.n - 1, S("new"))) {
        list_set_at(&l, l.n - 1, S("new"));
        HOLDS_FOR(&ev, same(edgefn_query_text(&ev), query_text(&l)));
    }
    if (built(&ev, true, query, S("a=1"))) normal(&ev, query, flags);
}

static void cookies(edgefn_str header, bool request)
{
    static list l, again;
    edgefn_event ev;
    if (!built(&ev, request, S(""), header)) return;
    list_clear(&l);
    read_cookies(&l, header, request);
    edgefn_fields *f = request ? edgefn_cookies(&ev) : edgefn_response_cookies(&ev);
    HOLDS_FOR(&ev, f != NULL && ev.err.code == EDGEFN_OK);
    list_is(f, &l);
    if (l.n == 0 || !edgefn_set_at(f, l.n - 1, S("new"))) return;
    list_set_at(&l, l.n - 1, S("new"));
    if (!edgefn_finish(&ev, &skip).ptr) return;
    list_clear(&again);
    read_cookies(&again,
                 edgefn_get(request ? &ev.request.headers : &ev.response.headers,
                            request ? S("cookie") : S("set-cookie")),
                 request);
    list_is(f, &again);
    list_is(f, &l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_in in = { data, data + size };
    unsigned flags = fuzz_byte(&in, 8), separators = 0;
    for (size_t i = 0; i < size; i++)
        separators += data[i] == '&' || data[i] == ';';
    if (separators + 5 > LIST_MAX || size > 4000) return 0;
    slow_used = 0;
    queries(fuzz_cut(&in, 0), flags);
    cookies(fuzz_cut(&in, 0), true);
    cookies(fuzz_cut(&in, 0), false);
    return 0;
}
