/* ab_sticky.c - tries two new front pages on a fifth of the viewers each, and keeps every viewer on the same one for 30 days.

   Events: viewer-request and viewer-response of both dialects, the same handler in both.
   In viewer-request it chooses the path. The cookie can be set only in viewer-response, where the choice comes out the same:
   it is made of the viewer's address and User-Agent until the cookie is there. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    static const edgefn_str names[] = { EDGEFN_S_INIT("old"), EDGEFN_S_INIT("calm"),
                                        EDGEFN_S_INIT("loud") };
    static const edgefn_str pages[] = { EDGEFN_S_INIT("/index.html"),
                                        EDGEFN_S_INIT("/index-calm.html"),
                                        EDGEFN_S_INIT("/index-loud.html") };
    static const uint32_t weights[] = { 3, 1, 1 };

    if (ev->type != EDGEFN_VIEWER_REQUEST && ev->type != EDGEFN_VIEWER_RESPONSE) return true;
    if (!edgefn_str_eq(ev->request.uri, S("/")) && !edgefn_str_starts(ev->request.uri, S("/index")))
        return true;
    size_t chosen = edgefn_choose_sticky(ev, S("front"), names, weights, 3,
                                         &(edgefn_cookie_opts){ .max_age_s = 30 * 86400 });
    if (chosen == 3) return false;
    if (edgefn_is_request(ev)) ev->request.uri = pages[chosen];
    return true;
}
