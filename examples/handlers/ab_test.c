/* ab_test.c - shows three viewers in four picture A and the fourth picture B, by cookie or by
   chance.

   The first cookie X-Experiment-Name that says A or B decides; without one the host's random draw
   does.
   Events: viewer-request of both dialects.
   Change: cookie, its values says_a and says_b, picture, picture_a, picture_b, weights.
   Needs: the host's random draw; both pictures at the origin. The page or the origin sets the
   cookie: a function in viewer-request cannot. To keep viewers without that, take ab_sticky.c.
   Traps: AWS's version searches the text of the Cookie header, so that a cookie
   MyX-Experiment-Name=A counts as well, and prefers A if both are there. */
#include "edgefn.h"

static const edgefn_str cookie = EDGEFN_S_INIT("X-Experiment-Name");
static const edgefn_str says_a = EDGEFN_S_INIT("A"), says_b = EDGEFN_S_INIT("B");
static const edgefn_str picture = EDGEFN_S_INIT("/experiment-pixel.jpg");
static const edgefn_str picture_a = EDGEFN_S_INIT("/experiment-group/control-pixel.jpg");
static const edgefn_str picture_b = EDGEFN_S_INIT("/experiment-group/treatment-pixel.jpg");
static const uint32_t weights[] = { 3, 1 };

typedef enum group { GROUP_UNKNOWN, GROUP_A, GROUP_B } group;

static group group_of_cookie(edgefn_event *ev)
{
    const edgefn_fields *cookies = edgefn_cookies(ev);

    for (size_t i = edgefn_find(cookies, cookie, 0); i < cookies->len;
         i = edgefn_find(cookies, cookie, i + 1)) {
        if (edgefn_str_eq(cookies->items[i].value, says_a)) return GROUP_A;
        if (edgefn_str_eq(cookies->items[i].value, says_b)) return GROUP_B;
    }
    return GROUP_UNKNOWN;
}

bool ab_test(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_str_eq(ev->request.uri, picture)) return true;

    group g = group_of_cookie(ev);
    if (g == GROUP_UNKNOWN) {
        uint32_t draw;
        if (!edgefn_draw(ev, &draw)) return false;
        g = edgefn_choose((uint64_t)draw << 32, weights, EDGEFN_COUNT_OF(weights)) == 0 ? GROUP_A
                                                                                        : GROUP_B;
    }
    ev->request.uri = g == GROUP_A ? picture_a : picture_b;
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return ab_test(ev);
}
