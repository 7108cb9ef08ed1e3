// The header in C++11: interface and implementation in one file, and what handlers use most.
#include "../edgefn.h"
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include <cstring>

static const char json[] = "{\"version\":\"1.0\",\"context\":{\"eventType\":\"viewer-request\"},\"viewer\":{\"ip\":\"192.0.2.1\"},"
                           "\"request\":{\"method\":\"GET\",\"uri\":\"/a\",\"headers\":{\"host\":{\"value\":\"example.com\"}}}}";

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_fields *h = &ev->request.headers;
    if (!edgefn_str_eq(edgefn_get(h, EDGEFN_S("Host")), EDGEFN_S("example.com"))) return false;
    int asked = 0;
    const edgefn_str parts[] = {EDGEFN_S("/x"), EDGEFN_ABSENT};
    if (!edgefn_keep_only(h, EDGEFN_STRS(EDGEFN_S("host"), asked++ != 0 ? parts[0] : parts[1]))) return false;
    if (asked != 1 || h->len != 1 || EDGEFN_COUNT_OF(parts) != 2) return false;
    const edgefn_str joined = edgefn_str_join(ev, EDGEFN_STRS(parts[0], ev->request.uri, EDGEFN_ABSENT));
    if (!edgefn_str_eq(joined, EDGEFN_S("/x/a"))) return false;
    if (!edgefn_str_eq(edgefn_str_join(ev, EDGEFN_STRS(joined)), joined)) return false;
    if (!edgefn_is_get_or_head(ev)
        || !edgefn_uri_match_any(ev->request.uri, EDGEFN_STRS(EDGEFN_S("/b"), EDGEFN_S("/a"))))
        return false;
    static const edgefn_const_header usual[] = {EDGEFN_CONST_HEADER("x-a", "1"), EDGEFN_CONST_HEADER("x-b", "2")};
    if (!edgefn_set_const(h, usual, EDGEFN_COUNT_OF(usual)) || h->len != 3 || !edgefn_remove_prefix(h, EDGEFN_S("x-"))) return false;
    if (edgefn_uri_guards_any(ev->request.uri, EDGEFN_STRS(EDGEFN_S("/b"), parts[0]))) return false;
    if (edgefn_is_last_request(ev) && !edgefn_header_trusted(ev, EDGEFN_S("X-User"), EDGEFN_ABSENT))
        return false;
    if (edgefn_header_credentials(EDGEFN_S("Bearer a"), EDGEFN_S("bearer")).len == 0)
        return edgefn_respond_text(ev, 401, EDGEFN_S("no\n"));
    edgefn_respond_opts opts = {};
    opts.body = EDGEFN_S("no\n");
    return edgefn_respond(ev, 403, &opts);
}

int main()
{
    static unsigned char mem[16384];
    edgefn_event ev;
    const edgefn_str in = {json, std::strlen(json)};
    if (!edgefn_str_contains(edgefn_answer(&ev, in, edgefn_arena_make(mem, sizeof mem), nullptr), EDGEFN_S("403"))) return 4;
    edgefn_answer_opts answer = {};
    answer.write.strict = true;
    if (!edgefn_answer_with(&ev, in, edgefn_arena_make(mem, sizeof mem), edgefn_handler, &answer).ptr || ev.err.code != EDGEFN_OK) return 5;
    if (edgefn_parse(&ev, in, edgefn_arena_make(mem, sizeof mem), nullptr) != EDGEFN_OK) return 1;
    if (!edgefn_handler(&ev)) return 2;
    const edgefn_str out = edgefn_finish(&ev, nullptr);
    return out.ptr && edgefn_str_contains(out, EDGEFN_S("403")) ? 0 : 3;
}
