/* ab_sticky.c - tries two new front pages on a fifth of the viewers each, and keeps every viewer on
   the same one.

   Viewer-request chooses the path. The cookie can be set only in viewer-response, where the choice
   comes out the same: until the cookie is there, it is made of the viewer's address and User-Agent.
   Events: viewer-request and viewer-response of both dialects, the same handler in both.
   Change: cookie, names, pages (the first is the page in use, which "/" shows), weights, DAYS.
   Needs: the pages at the origin; the function at both triggers. The cookie need not be in the cache
   policy: the path is in the key.
   Traps: paths are compared whole, so that "/index-old/a.html" stays. A random choice without a
   cookie, as in AWS's version, shows one viewer a page after the other. Scripts cannot read the
   cookie (HttpOnly): let each page tell your statistics which one it is. */
#include "edgefn.h"
#define S EDGEFN_S

enum { DAYS = 30 };
static const edgefn_str cookie = EDGEFN_S_INIT("front");
static const edgefn_str names[] = { EDGEFN_S_INIT("old"), EDGEFN_S_INIT("calm"),
                                    EDGEFN_S_INIT("loud") };
static const edgefn_str pages[] = { EDGEFN_S_INIT("/index.html"), EDGEFN_S_INIT("/index-calm.html"),
                                    EDGEFN_S_INIT("/index-loud.html") };
static const uint32_t weights[] = { 3, 1, 1 };

bool ab_sticky(edgefn_event *ev)
{
    const size_t count = EDGEFN_COUNT_OF(pages);
    const edgefn_str uri = ev->request.uri;

    if (ev->type != EDGEFN_VIEWER_REQUEST && ev->type != EDGEFN_VIEWER_RESPONSE) return true;
    if (!edgefn_is_get_or_head(ev)) return true;
    if (!edgefn_str_eq(uri, S("/")) && !edgefn_str_in(uri, pages, count)) return true;

    size_t chosen = edgefn_choose_sticky(ev, cookie, names, weights, count,
                                         &(edgefn_cookie_opts){ .max_age_s = DAYS * 86400 });
    if (chosen == count) return false;
    if (edgefn_is_request(ev)) ev->request.uri = pages[chosen];
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return ab_sticky(ev);
}
