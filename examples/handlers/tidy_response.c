/* tidy_response.c - hides what the origin is: takes out Server, X-Powered-By and S3's own headers, makes S3's 403 for a
   file that is not there the 404 that it means, and gives text a charset.

   Events: every response event of both dialects; the status can be changed in origin-response only. There it is also what
   CloudFront caches, and the only place that sees errors: viewer-response does not run for them. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    edgefn_fields *headers = &ev->response.headers;

    if (edgefn_is_request(ev)) return true;
    edgefn_remove(headers, S("server"));
    edgefn_remove(headers, S("x-powered-by"));
    edgefn_remove_prefix(headers,
                         S("x-amz-")); /* what fails here sticks in ev->err: then nothing leaves */

    edgefn_str type = edgefn_get(headers, S("content-type"));
    if (edgefn_str_starts(type, S("text/")) && !edgefn_str_contains(type, S("charset="))) {
        edgefn_set(headers, S("Content-Type"),
                   edgefn_str_join(ev, EDGEFN_STRS(type, S("; charset=utf-8"))));
    }

    bool hidden = ev->type == EDGEFN_ORIGIN_RESPONSE && ev->request.origin.kind == EDGEFN_ORIGIN_S3
                  && ev->response.status == 403;
    return !hidden
           || (edgefn_status_set(ev, 404, EDGEFN_ABSENT)
               && edgefn_body_drop(ev)); /* S3's page says AccessDenied */
}
