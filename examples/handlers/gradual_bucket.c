/* gradual_bucket.c - moves from one S3 bucket to another by parts: a fifth of the files already comes from the new one.

   Which file is decided by its path, so that it comes from the same bucket each time, in every edge location, and a larger share
   takes none back. Make the share larger until the old bucket is idle.
   Events: origin-request of Lambda@Edge, for S3 origins; region and authentication stay as they are.
   Needs: both buckets in one region, with the same files. */
#include "edgefn.h"
#define S EDGEFN_S

static const uint32_t shares[] = { 20, 80 }; /* new, old */

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_ORIGIN_REQUEST || req->origin.kind != EDGEFN_ORIGIN_S3) return true;
    if (edgefn_choose(edgefn_hash(S("bucket-2026"), req->uri), shares, EDGEFN_COUNT_OF(shares))
        == 1)
        return true;
    req->origin.domain = S("green-bucket.s3.amazonaws.com");
    return edgefn_set(&req->headers, S("Host"), req->origin.domain);
}
