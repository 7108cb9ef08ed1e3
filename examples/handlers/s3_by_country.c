/* s3_by_country.c - fetches files from the copy of an S3 bucket whose Region is near the viewer.

   Events: origin-request of Lambda@Edge, S3 origins only.
   Change: bucket, regions (sorted by country). "DE" is served by the bucket
   amzn-s3-demo-bucket-in-eu-central-1 of Region eu-central-1; countries without an entry keep the
   distribution's bucket.
   Needs: CloudFront-Viewer-Country in the cache policy; S3 replication between the buckets, with
   the distribution's bucket as source. Private buckets: with origin access control (OAC), signing
   "always", each bucket's policy must allow the distribution (aws:SourceArn); with an origin access
   identity (OAI) each must allow that one identity.
   Traps: OAI needs the Region of the new bucket, which is set here. An event cannot carry OAC, and
   AWS does not document for which Region it then signs: try a bucket of another Region first, or
   sign with sign_origin. Do not forward the viewer's Host: S3 would refuse the signature. In an
   origin group the second attempt goes to the same bucket. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str bucket = EDGEFN_S_INIT("amzn-s3-demo-bucket-in-"); /* the Region follows */
static const edgefn_pair regions[] = {
    { EDGEFN_S_INIT("DE"), EDGEFN_S_INIT("eu-central-1") },
    { EDGEFN_S_INIT("FR"), EDGEFN_S_INIT("eu-west-3") },
    { EDGEFN_S_INIT("GB"), EDGEFN_S_INIT("eu-west-2") },
    { EDGEFN_S_INIT("IE"), EDGEFN_S_INIT("eu-west-1") },
    { EDGEFN_S_INIT("IN"), EDGEFN_S_INIT("ap-south-1") },
    { EDGEFN_S_INIT("JP"), EDGEFN_S_INIT("ap-northeast-1") },
};

bool s3_by_country(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_ORIGIN_REQUEST || req->origin.kind != EDGEFN_ORIGIN_S3) return true;
    edgefn_str country = edgefn_viewer_of(ev).country;
    edgefn_str region = edgefn_table_get(regions, EDGEFN_COUNT_OF(regions), country);
    if (region.ptr == NULL) return true;
    req->origin.region = region;
    req->origin.domain =
        edgefn_str_join(ev, EDGEFN_STRS(bucket, region, S(".s3."), region, S(".amazonaws.com")));
    return edgefn_set(&req->headers, S("Host"), req->origin.domain);
}

bool edgefn_handler(edgefn_event *ev)
{
    return s3_by_country(ev);
}
