/* move_to_s3.c - moves a site off its old server piece by piece, to an S3 bucket and a server for
   /api/.

   Files of some kinds come from a bucket; everything else still goes where the distribution says.
   Events: origin-request of Lambda@Edge.
   Change: api, api_server and its read_timeout_s; buckets, sorted by extension.
   Needs: a bucket that everybody may read, or sign_origin.c after this; each file under its path as
   the key. The old server's name must stay in DNS: CloudFront resolves it before the function runs.
   Traps: S3 gets no query, whose parameters can be commands to it (?acl, ?versionId), no cookies,
   and no Authorization, which it would take for a signature and refuse. Only GET and HEAD go there.
   A missing file is a 403 unless viewers may list the bucket (s3:ListBucket). For fonts that other
   sites load, the bucket needs CORS rules, and the origin request policy must forward Origin. In an
   origin group the second attempt goes to the same bucket or api_server. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str api = EDGEFN_S_INIT("api");
static const edgefn_str api_server = EDGEFN_S_INIT("api-v2.example.net");
static const uint32_t read_timeout_s = 10;
static const edgefn_pair buckets[] = {
    /* by extension, sorted */
    { EDGEFN_S_INIT("gz"), EDGEFN_S_INIT("example-downloads.s3.eu-west-1.amazonaws.com") },
    { EDGEFN_S_INIT("webp"), EDGEFN_S_INIT("example-images.s3.eu-west-1.amazonaws.com") },
    { EDGEFN_S_INIT("woff2"), EDGEFN_S_INIT("example-images.s3.eu-west-1.amazonaws.com") },
};

bool move_to_s3(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_ORIGIN_REQUEST) return true;
    if (edgefn_str_eq(edgefn_path_segment(req->uri, 0), api)) {
        return edgefn_origin_custom(
            ev, &(edgefn_origin_opts){ .domain = api_server, .read_timeout_s = read_timeout_s });
    }

    edgefn_str extension = edgefn_str_lower(ev, edgefn_path_split(req->uri).ext);
    edgefn_str bucket = edgefn_table_get(buckets, EDGEFN_COUNT_OF(buckets), extension);
    if (bucket.ptr == NULL || !edgefn_is_get_or_head(ev)) return true;

    edgefn_remove(&req->headers, S("authorization"));
    edgefn_remove(&req->headers, S("cookie"));
    if (!edgefn_query_set_raw(ev, S("")) || !edgefn_uri_encode_s3(ev)) return false;
    return edgefn_origin_s3(ev, &(edgefn_origin_opts){ .domain = bucket });
}

bool edgefn_handler(edgefn_event *ev)
{
    return move_to_s3(ev);
}
