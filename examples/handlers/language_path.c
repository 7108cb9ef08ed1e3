/* language_path.c - serves each page in the viewer's language: "/guides/" becomes "/de/guides/".

   A cookie "lang" overrules the browser's wish; a path that names its language already stays.
   Events: viewer-request of both dialects; viewer-response of both, for Vary: a browser that kept
   the page then asks again after another choice.
   Change: languages, the default first; cookie; page_ending.
   Needs: the pages of every language at the origin, which must know "/de/" as a page: the default
   root object is for "/" alone. An S3 bucket does not: chain index_pages before this. Leave
   Accept-Language and the cookie out of the cache policy: the path is in the key, and hundreds of
   header texts share three copies.
   Traps: every path that ends with "/" is taken for a page, also "/api/": attach this only to the
   behaviours of pages. A cookie with another value counts as none. Search engines send no
   Accept-Language and see the default: link to "/de/..." for the others. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str languages[] = { EDGEFN_S_INIT("en"), EDGEFN_S_INIT("de"),
                                        EDGEFN_S_INIT("fr") };
static const edgefn_str cookie = EDGEFN_S_INIT("lang");
static const edgefn_str page_ending = EDGEFN_S_INIT(".html");

bool language_path(edgefn_event *ev)
{
    const size_t count = EDGEFN_COUNT_OF(languages);
    edgefn_request *req = &ev->request;

    if (!edgefn_str_ends(req->uri, S("/")) && !edgefn_str_ends(req->uri, page_ending))
        return true; /* images have no language */
    if (ev->type == EDGEFN_VIEWER_RESPONSE)
        return edgefn_header_vary(ev, S("Accept-Language")) && edgefn_header_vary(ev, S("Cookie"));
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_starts(req->uri, S("/"))) return true;

    if (!edgefn_uri_normalize(ev)) return false; /* "/a/../de/" names its language */
    if (edgefn_str_in(edgefn_path_segment(req->uri, 0), languages, count)) return true;

    edgefn_str wish = edgefn_cookie_get(ev, cookie);
    if (!edgefn_str_in(wish, languages, count))
        wish = edgefn_get(&req->headers, S("accept-language"));
    size_t best = edgefn_header_language(wish, languages, count);
    if (best == count) best = 0;
    req->uri = edgefn_str_join(ev, EDGEFN_STRS(S("/"), languages[best], req->uri));
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return language_path(ev);
}
