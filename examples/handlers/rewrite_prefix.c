/* rewrite_prefix.c - the paths that viewers see are not those of the origin: "/api/v2/x" is "/x" there, "/catalog" is
   "/shop"; "/internal/" is for nobody; and a key of S3 is written as S3 wants it.

   Events: Lambda@Edge origin-request; CloudFront Functions viewer-request.
   The path is normalised first, so that the origin gets what was judged. A path that servers may read in different ways
   ("..%2F", "%252e", ";") is refused: nobody needs one. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type
        != (ev->dialect == EDGEFN_DIALECT_LAMBDA ? EDGEFN_ORIGIN_REQUEST : EDGEFN_VIEWER_REQUEST))
        return true;
    if (edgefn_uri_guards(req->uri, S("/internal/*"))) return edgefn_error_page(ev, 403);
    if (!edgefn_uri_normalize(ev)) return false;
    if (!edgefn_uri_plain(req->uri)) return edgefn_error_page(ev, 400);

    if (!edgefn_uri_replace_prefix(ev, S("/api/v2"), S(""))) return false;
    if (!edgefn_uri_replace_prefix(ev, S("/catalog"), S("/shop"))) return false;
    return req->origin.kind != EDGEFN_ORIGIN_S3 || edgefn_uri_encode_s3(ev);
}
