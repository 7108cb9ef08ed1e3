/* few_cookies.c - keeps the cookies out of the cache key that only scripts in the browser read (_ga, _fbp, consent...).

   Only GET and HEAD are cached. Files get no cookies at all; pages get those that the application knows, in one order, so that all viewers without a session
   share one cached copy.
   Events: viewer-request of both dialects: in origin-request the cache key is made already.
   Needs: a cache policy with cookies in the key. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str known[] = { EDGEFN_S_INIT("session"), EDGEFN_S_INIT("session-id"),
                                    EDGEFN_S_INIT("csrf"), EDGEFN_S_INIT("currency") };

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_str method = ev->request.method;

    if (ev->type != EDGEFN_VIEWER_REQUEST
        || !edgefn_str_in(method, EDGEFN_STRS(S("GET"), S("HEAD"))))
        return true;

    edgefn_str extension = edgefn_path_split(ev->request.uri).ext;
    bool file = extension.ptr != NULL && !edgefn_str_ieq(extension, S("html"));
    return edgefn_keep_only(edgefn_cookies(ev), known, file ? 0 : EDGEFN_COUNT_OF(known))
           && edgefn_sort(edgefn_cookies(ev));
}
