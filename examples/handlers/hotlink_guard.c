/* hotlink_guard.c - serves pictures to our own pages, and to nobody else's.

   A request without a Referer passes: privacy settings leave it out, and a picture opened alone has none. Search engines pass,
   too, by the names below. The Referer is cut into its parts and compared whole: https://www.example.com.evil.net/ and
   https://evil.net/?www.example.com are other sites.
   Events: viewer-request of both dialects. (A cached copy must not depend on the Referer, so it is asked in front of the cache.) */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str friends[] = { EDGEFN_S_INIT("www.example.com"),
                                      EDGEFN_S_INIT("shop.example.com"),
                                      EDGEFN_S_INIT("www.google.com"),
                                      EDGEFN_S_INIT("www.bing.com") };

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_str referer = edgefn_get(&ev->request.headers, S("referer"));

    if (ev->type != EDGEFN_VIEWER_REQUEST || referer.len == 0) return true;
    if (!edgefn_uri_guards(ev->request.uri, S("*.jpg"))
        && !edgefn_uri_guards(ev->request.uri, S("*.webp")))
        return true;

    edgefn_url_parts url = edgefn_url_split(referer);
    for (size_t i = 0; url.ok && i < EDGEFN_COUNT_OF(friends); i++)
        if (edgefn_str_ieq(url.host, friends[i])) return true;
    return edgefn_respond(ev, 403,
                          &(edgefn_respond_opts){ .body = S("Please link to our pages.\n"),
                                                  .content_type = S("text/plain") });
}
