/* seo_routes.c - serves pages under readable addresses: "/shoes/red-1042" for "/p.html?id=1042".

   Events: viewer-request of both dialects. The number is the cache key: all spellings of a title
   share one cached copy.
   Change: routes (folder, page, parameter).
   Needs: the parameter in the cache policy.
   Traps: only digits after the last '-' count; any other path passes as it came, so nobody can
   write parameters of their own into the path. A parameter of that name in the query goes. As
   "/shoes/any-title-1042" is the same page, let the page name its one address (canonical_link), or
   search engines see duplicates. */
#include "edgefn.h"
#define S EDGEFN_S

static const struct {
    edgefn_str folder, page, parameter;
} routes[] = {
    { EDGEFN_S_INIT("/authors/"), EDGEFN_S_INIT("/a.html"), EDGEFN_S_INIT("author") },
    { EDGEFN_S_INIT("/shoes/"), EDGEFN_S_INIT("/p.html"), EDGEFN_S_INIT("id") },
};

static edgefn_number number_at_end(edgefn_str title)
{
    for (edgefn_cut c = edgefn_str_cut(title, S("-")); c.found; c = edgefn_str_cut(title, S("-")))
        title = c.tail;
    return edgefn_str_to_u64(title);
}

bool seo_routes(edgefn_event *ev)
{
    edgefn_str uri = ev->request.uri;

    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
    for (size_t i = 0; i < EDGEFN_COUNT_OF(routes); i++) {
        if (!edgefn_str_starts(uri, routes[i].folder)) continue;
        edgefn_str title = edgefn_str_skip(uri, routes[i].folder.len);
        edgefn_number id = number_at_end(title);
        if (!id.ok || edgefn_str_contains(title, S("/"))) return true;
        ev->request.uri = routes[i].page;
        const edgefn_query_opts others = { .drop = &routes[i].parameter, .drop_count = 1 };
        return edgefn_query_normalize(ev, &others)
               && edgefn_add(edgefn_query(ev), routes[i].parameter,
                             edgefn_str_from_u64(ev, id.value));
    }
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return seo_routes(ev);
}
