/* override_response_header.c - replaces Last-Modified by the date that S3 keeps with the file.

   Events: origin-response and viewer-response of Lambda@Edge; viewer-response of CloudFront
   Functions. Best is origin-response: CloudFront then caches the date, and answers
   If-Modified-Since by it.
   Change: from, to.
   Needs: files uploaded with the metadata last-modified, an HTTP date such as
   "Wed, 07 Jan 2026 17:40:00 GMT".
   Traps: a copy or a new upload of a file changes S3's own Last-Modified, not the metadata. A value
   that is not a date would end revalidation: it is left out, and Last-Modified stays. AWS's example
   sets whatever is there. */
#include "edgefn.h"

static const edgefn_str from = EDGEFN_S_INIT("x-amz-meta-last-modified");
static const edgefn_str to = EDGEFN_S_INIT("Last-Modified");

bool override_response_header(edgefn_event *ev)
{
    edgefn_fields *headers = &ev->response.headers;

    if (edgefn_is_request(ev)) return true;
    edgefn_str value = edgefn_get(headers, from);
    if (!edgefn_date_parse(ev, value).ok) return true;
    return edgefn_set(headers, to, value);
}

bool edgefn_handler(edgefn_event *ev)
{
    return override_response_header(ev);
}
