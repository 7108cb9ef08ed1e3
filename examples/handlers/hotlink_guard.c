/* hotlink_guard.c - serves pictures to your own pages only.

   A request without a Referer passes: privacy settings leave it out, and a picture opened alone has
   none.
   Events: viewer-request of both dialects, before the cache: a cached copy must not depend on
   Referer.
   Change: friends, search engines included; pictures; text.
   Needs: nothing. Referer need not be in the cache policy.
   Traps: AWS's version takes the text between the second and third slash:
   "https://www.example.com@evil.net/" can pass. Here the host is read as browsers do and compared
   whole. Without a Referer AWS answers 403, to all who hide it. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str friends[] = { EDGEFN_S_INIT("www.example.com"),
                                      EDGEFN_S_INIT("shop.example.com"),
                                      EDGEFN_S_INIT("www.google.com"),
                                      EDGEFN_S_INIT("www.bing.com") };
static const edgefn_str pictures[] = { EDGEFN_S_INIT("*.jpg"), EDGEFN_S_INIT("*.webp") };
static const edgefn_str text = EDGEFN_S_INIT("Please link to our pages.\n");

bool hotlink_guard(edgefn_event *ev)
{
    edgefn_str referer = edgefn_get(&ev->request.headers, S("referer"));

    if (ev->type != EDGEFN_VIEWER_REQUEST || referer.len == 0) return true;
    if (!edgefn_uri_guards_any(ev->request.uri, pictures, EDGEFN_COUNT_OF(pictures))) return true;

    edgefn_url_parts url = edgefn_url_split(referer);
    for (size_t i = 0; url.ok && i < EDGEFN_COUNT_OF(friends); i++)
        if (edgefn_str_ieq(url.host, friends[i])) return true;
    return edgefn_respond_text(ev, 403, text);
}

bool edgefn_handler(edgefn_event *ev)
{
    return hotlink_guard(ev);
}
