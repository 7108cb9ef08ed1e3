/* gradual_bucket.c - moves from one S3 bucket to another by parts: a fifth of the files comes from
   the new one.

   The path decides, so that a file comes from the same bucket each time, in every edge location,
   and a larger share takes none back. Raise the share until the old bucket is idle.
   Events: origin-request of Lambda@Edge, for S3 origins.
   Change: new_bucket, shares, and move, its name: keep it until the move is over.
   Needs: both buckets in one Region, with the same files and access: region and authentication
   stay.
   Traps: AWS's version draws anew for every request, so that one file comes from both buckets in
   turn. In an origin group the second attempt goes to the same bucket. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str new_bucket = EDGEFN_S_INIT("green-bucket.s3.amazonaws.com");
static const edgefn_str move = EDGEFN_S_INIT("bucket-2026");
static const uint32_t shares[] = { 20, 80 }; /* new, old */

bool gradual_bucket(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_ORIGIN_REQUEST || req->origin.kind != EDGEFN_ORIGIN_S3) return true;
    if (edgefn_choose(edgefn_hash(move, req->uri), shares, EDGEFN_COUNT_OF(shares)) == 1)
        return true;
    req->origin.domain = new_bucket;
    return edgefn_set(&req->headers, S("Host"), req->origin.domain);
}

bool edgefn_handler(edgefn_event *ev)
{
    return gradual_bucket(ev);
}
