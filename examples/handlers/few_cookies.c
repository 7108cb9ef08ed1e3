/* few_cookies.c - keeps cookies out of the cache key that only scripts in the browser read (_ga,
   consent...).

   Files get no cookies at all; everything else gets those that the application knows, in one order,
   so that all viewers without a session share one cached copy.
   Events: viewer-request of both dialects. In origin-request the cache key is made already.
   Change: files, the extensions of files that need no cookies; known, the cookies that the
   application reads.
   Needs: cookies in the cache policy.
   Traps: a cookie that is not in the list never reaches the application with GET or HEAD. Cookies
   of one name keep their order. Other methods are not cached and keep all cookies. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str files[] = { EDGEFN_S_INIT("css"),  EDGEFN_S_INIT("js"),
                                    EDGEFN_S_INIT("png"),  EDGEFN_S_INIT("jpg"),
                                    EDGEFN_S_INIT("webp"), EDGEFN_S_INIT("avif"),
                                    EDGEFN_S_INIT("svg"),  EDGEFN_S_INIT("woff2") };
static const edgefn_str known[] = { EDGEFN_S_INIT("session"), EDGEFN_S_INIT("session-id"),
                                    EDGEFN_S_INIT("csrf"), EDGEFN_S_INIT("currency") };

bool few_cookies(edgefn_event *ev)
{
    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_is_get_or_head(ev)) return true;

    edgefn_str extension = edgefn_str_lower(ev, edgefn_path_split(ev->request.uri).ext);
    bool file = edgefn_str_in(extension, files, EDGEFN_COUNT_OF(files));
    return edgefn_keep_only(edgefn_cookies(ev), known, file ? 0 : EDGEFN_COUNT_OF(known))
           && edgefn_sort(edgefn_cookies(ev));
}

bool edgefn_handler(edgefn_event *ev)
{
    return few_cookies(ev);
}
