/* origin_custom_to_s3.c - fetches a file from an S3 bucket if the query says useS3Origin=true.

   For trying a bucket before the site moves; to move it by kinds of files take move_to_s3.
   Events: origin-request of Lambda@Edge, GET and HEAD.
   Change: parameter, value, bucket, folder (where the files are in the bucket, "" for the top).
   Needs: the parameter in the cache policy, so that both origins have their own cached copies, and
   "All query strings" in the origin request policy, else the function does not see the query; a
   bucket that everybody may read, or sign_origin after this.
   Traps: a switched origin has neither origin access control nor an identity. S3 gets no query,
   whose parameters can be commands to it (?acl, ?versionId), no cookies, and no Authorization,
   which it would take for a signature. Everybody can write the parameter: it hides nothing. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str parameter = EDGEFN_S_INIT("useS3Origin"), value = EDGEFN_S_INIT("true");
static const edgefn_str bucket = EDGEFN_S_INIT("amzn-s3-demo-bucket.s3.eu-west-1.amazonaws.com");
static const edgefn_str folder = EDGEFN_S_INIT("");

bool origin_custom_to_s3(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_ORIGIN_REQUEST || !edgefn_str_starts(req->uri, S("/"))
        || !edgefn_is_get_or_head(ev) || !edgefn_str_eq(edgefn_query_get(ev, parameter), value))
        return true;
    edgefn_remove(&req->headers, S("authorization"));
    edgefn_remove(&req->headers, S("cookie"));
    if (!edgefn_query_set_raw(ev, S("")) || !edgefn_uri_encode_s3(ev)) return false;
    return edgefn_origin_s3(ev, &(edgefn_origin_opts){ .domain = bucket, .path = folder });
}

bool edgefn_handler(edgefn_event *ev)
{
    return origin_custom_to_s3(ev);
}
