/* language_path.c - serves each page in the viewer's language: "/guides/" becomes "/de/guides/".

   Events: viewer-request of both dialects.
   The path then is part of the cache key, the header need not be: hundreds of Accept-Language texts share three copies.
   A cookie "lang" overrules the browser's wish; a path that names its language already stays. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    static const edgefn_str languages[] = { EDGEFN_S_INIT("en"), EDGEFN_S_INIT("de"),
                                            EDGEFN_S_INIT("fr") };
    const size_t count = EDGEFN_COUNT_OF(languages);
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (!edgefn_str_ends(req->uri, S("/")) && !edgefn_str_ends(req->uri, S(".html")))
        return true; /* images have no language */
    edgefn_str first = edgefn_str_cut(edgefn_str_skip(req->uri, 1), S("/")).head;
    for (size_t i = 0; i < count; i++)
        if (edgefn_str_eq(first, languages[i])) return true;

    edgefn_str wish = edgefn_get(edgefn_cookies(ev), S("lang"));
    if (wish.ptr == NULL) wish = edgefn_get(&req->headers, S("accept-language"));
    size_t best = edgefn_header_language(wish, languages, count);
    if (best == count) best = 0;
    req->uri = edgefn_str_join(ev, EDGEFN_STRS(S("/"), languages[best], req->uri));
    return true;
}
