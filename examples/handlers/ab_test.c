/* ab_test.c - gives three viewers in four the old picture (A), the fourth the new one (B), and keeps them there.

   Events: viewer-request of both dialects.
   The group is read from the cookie X-Experiment-Name, the first one that says A or B; without such a cookie the host's
   random draw decides. The page or the origin sets the cookie: a function in viewer-request cannot. */
#include "edgefn.h"
#define S EDGEFN_S

typedef enum group { GROUP_UNKNOWN, GROUP_A, GROUP_B } group;

static group group_of_cookie(edgefn_event *ev)
{
    const edgefn_fields *cookies = edgefn_cookies(ev);
    const edgefn_str name = S("X-Experiment-Name");

    for (size_t i = edgefn_find(cookies, name, 0); i < cookies->len;
         i = edgefn_find(cookies, name, i + 1)) {
        if (edgefn_str_eq(cookies->items[i].value, S("A"))) return GROUP_A;
        if (edgefn_str_eq(cookies->items[i].value, S("B"))) return GROUP_B;
    }
    return GROUP_UNKNOWN;
}

bool edgefn_handler(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST
        || !edgefn_str_eq(ev->request.uri, S("/experiment-pixel.jpg")))
        return true;

    group g = group_of_cookie(ev);
    if (g == GROUP_UNKNOWN) {
        const uint32_t weights[] = { 3, 1 };
        uint32_t draw;
        if (!edgefn_draw(ev, &draw)) return false;
        g = edgefn_choose((uint64_t)draw << 32, weights, EDGEFN_COUNT_OF(weights)) == 0 ? GROUP_A
                                                                                        : GROUP_B;
    }
    ev->request.uri = g == GROUP_A ? S("/experiment-group/control-pixel.jpg")
                                   : S("/experiment-group/treatment-pixel.jpg");
    return true;
}
