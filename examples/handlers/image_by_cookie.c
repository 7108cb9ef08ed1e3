/* image_by_cookie.c - shows a jacket in the colour that the viewer chose: "/img/jacket.jpg" becomes
   "/img/jacket-red.jpg".

   Events: viewer-request of both dialects; viewer-response of both, for Vary: a browser that kept
   the picture then asks again after another choice.
   Change: cookie, folder_and_name, ending, colours.
   Needs: the pictures of all colours at the origin, and "/img/jacket.jpg" for viewers without a
   choice. The new path is in the cache key: leave the cookie out of the cache policy.
   Traps: only colours of the list are used. A cookie's text never becomes part of a path. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str cookie = EDGEFN_S_INIT("jacket");
static const edgefn_str folder_and_name = EDGEFN_S_INIT("/img/jacket");
static const edgefn_str ending = EDGEFN_S_INIT(".jpg");
static const edgefn_str colours[] = { EDGEFN_S_INIT("black"), EDGEFN_S_INIT("red"),
                                      EDGEFN_S_INIT("olive") };

bool image_by_cookie(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;
    bool request = ev->type == EDGEFN_VIEWER_REQUEST;

    if (!request && ev->type != EDGEFN_VIEWER_RESPONSE) return true;
    if (!request) { /* the path is the new one, or the viewer's */
        if (!edgefn_str_starts(req->uri, folder_and_name) || !edgefn_str_ends(req->uri, ending))
            return true;
        return edgefn_header_vary(ev, S("Cookie"));
    }
    if (!edgefn_uri_match(req->uri, edgefn_str_join(ev, EDGEFN_STRS(folder_and_name, ending))))
        return true;
    edgefn_str colour = edgefn_cookie_get(ev, cookie);
    if (!edgefn_str_in(colour, colours, EDGEFN_COUNT_OF(colours))) return true;
    req->uri = edgefn_str_join(ev, EDGEFN_STRS(folder_and_name, S("-"), colour, ending));
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return image_by_cookie(ev);
}
