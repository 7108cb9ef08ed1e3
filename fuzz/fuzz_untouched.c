/* fuzz_untouched.c - one edit of any event: all other bytes of the result are the received ones.

   The input: as of fuzz/edits.h; the first digits choose the edit, its name and its value.

   Properties:
     - members other than the one that holds the edit are written as received, with their names and in their order, known or not
     - in that member, each name other than the edited one is
     - setting the received value back writes the received text */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "edits.h"
#include "../tests/slow.h"

/* What may change: a member, and in it the fields of a name; absent for a member that is no list. */
typedef struct change {
    const char *member;
    edgefn_str name;
} change;

static const edgefn_write_opts skip = { .skip_check = true };

static change edit_list_of(edgefn_event *ev, program *p, edgefn_fields *f, const char *member)
{
    unsigned how = pick(p, 4);
    change c = { member, name_of(p, f) };
    edgefn_str value = value_of(p, f);
    size_t at = edgefn_find(f, c.name, 0);
    if (how == 0) edgefn_set(f, c.name, value);
    if (how == 1) edgefn_add(f, c.name, value);
    if (how == 2) edgefn_remove(f, c.name);
    if (how == 3 && at < f->len) edgefn_set_at(f, at, value);
    c.name = edgefn_str_lower(ev, c.name);
    return c;
}

static change edit_one(edgefn_event *ev, program *p)
{
    bool lambda = ev->dialect == EDGEFN_DIALECT_LAMBDA, request = edgefn_is_request(ev);
    change c = { "uri", EDGEFN_ABSENT };
    switch (pick(p, 4)) {
    case 0:
        c = edit_list_of(ev, p, request ? &ev->request.headers : &ev->response.headers, "headers");
        break;
    case 1:
        c = edit_list_of(ev, p, request ? edgefn_cookies(ev) : edgefn_response_cookies(ev),
                         lambda ? "headers" : "cookies");
        if (lambda) c.name = request ? S("cookie") : S("set-cookie");
        break;
    case 2:
        if (request) c = edit_list_of(ev, p, edgefn_query(ev), "querystring");
        if (request) c.name = EDGEFN_ABSENT;
        break;
    default:
        if (request) edgefn_uri_set(ev, pick(p, 2) ? S("/new") : S("/\"\xc3\xa9"));
    }
    return c;
}

static bool all_equal(const node *a, const node *b)
{
    return same(a->whole, b->whole);
}

/* Compares two lists of members, except those of the name. */
static void list_kept(const node *in, const node *out, edgefn_str name)
{
    const node *b = out ? out->first : NULL;
    for (const node *a = in->first; a != NULL; a = a->next) {
        if (same(lower_of(a->name), name)) continue;
        while (b != NULL && same(lower_of(b->name), name))
            b = b->next;
        HOLDS(b != NULL && all_equal(a, b));
        b = b->next;
    }
    while (b != NULL && same(lower_of(b->name), name))
        b = b->next;
    HOLDS(b == NULL);
}

static void kept(edgefn_str before, edgefn_str after, change c)
{
    const node *in = slow_tree(before), *out = slow_tree(after), *b;
    HOLDS(in != NULL && out != NULL && out->kind == '{');
    b = out->first;
    for (const node *a = in->first; a != NULL; a = a->next, b = b->next) {
        HOLDS(b != NULL && same(a->raw_name, b->raw_name));
        if (!same(a->name, edgefn_cstr(c.member)))
            HOLDS(all_equal(a, b));
        else if (c.name.ptr != NULL && a->kind == '{')
            list_kept(a, b, c.name);
    }
    HOLDS(b == NULL || (b->next == NULL && same(b->name, edgefn_cstr(c.member))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    edgefn_event ev;
    input in;
    if (!input_of(&in, data, size) || in.json.len > 20000) return 0;
    program p = { data, data + in.ops, false, false, false, false };
    if (!fuzz_open(&ev, 0, in.json)) return 0;
    slow_used = 0;
    change c = edit_one(&ev, &p);
    edgefn_str out = edgefn_finish(&ev, &skip);
    if (out.ptr == NULL) return 0;
    kept(edgefn_passthrough(&ev), out, c);
    if (!fuzz_open(&ev, 0, in.json) || !edgefn_is_request(&ev)) return 0;
    edgefn_str uri = ev.request.uri;
    ev.request.uri = S("/other");
    out = edgefn_finish(&ev, &skip);
    ev.request.uri = uri;
    HOLDS_FOR(&ev, out.ptr && edgefn_finish(&ev, &skip).ptr == edgefn_passthrough(&ev).ptr);
    return 0;
}
