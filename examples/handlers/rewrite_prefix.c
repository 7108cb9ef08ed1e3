/* rewrite_prefix.c - gives the origin other paths than viewers see: "/catalog/x" is "/shop/x"
   there.

   "/internal" is for nobody, and a key of S3 is written as S3 wants it.
   Events: Lambda@Edge origin-request; CloudFront Functions viewer-request.
   Change: closed; moved, whose entries apply one after the other.
   Needs: nothing. In Lambda@Edge origin-request the cache key keeps the path that viewers see.
   Traps: whole segments are replaced: "/api/v20" is not "/api/v2". The path is normalised first, so
   that the origin gets what was checked; one that servers may read in different ways ("..%2F",
   "%252e", ";") is a 400. */
#include "edgefn.h"

static const edgefn_str closed[] = { EDGEFN_S_INIT("/internal"), EDGEFN_S_INIT("/internal/*") };
static const edgefn_pair moved[] = { { EDGEFN_S_INIT("/api/v2"), EDGEFN_S_INIT("") },
                                     { EDGEFN_S_INIT("/catalog"), EDGEFN_S_INIT("/shop") } };

bool rewrite_prefix(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (!edgefn_is_last_request(ev)) return true;
    if (edgefn_uri_guards_any(req->uri, closed, EDGEFN_COUNT_OF(closed)))
        return edgefn_error_page(ev, 403);
    if (!edgefn_str_starts(req->uri, EDGEFN_S("/"))) return edgefn_error_page(ev, 400);
    if (!edgefn_uri_normalize(ev)) return false;
    if (!edgefn_uri_plain(req->uri)) return edgefn_error_page(ev, 400);

    for (size_t i = 0; i < EDGEFN_COUNT_OF(moved); i++)
        if (!edgefn_uri_replace_prefix(ev, moved[i].from, moved[i].to)) return false;
    return req->origin.kind != EDGEFN_ORIGIN_S3 || edgefn_uri_encode_s3(ev);
}

bool edgefn_handler(edgefn_event *ev)
{
    return rewrite_prefix(ev);
}
