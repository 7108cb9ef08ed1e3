/* tidy_response.c - hides what the origin is, and makes S3's 403 for a missing file a 404.

   Server, X-Powered-By and S3's own headers are removed; text gets a charset.
   Events: every response event of both dialects; the status can be changed in origin-response only.
   There it is also what CloudFront caches, and the only place that sees errors.
   Change: hidden_headers, hidden_prefix; charset, if your files have another.
   Needs: nothing.
   Traps: S3 says 403 for a missing file to whom may not list the bucket, but also if the bucket is
   closed to CloudFront: look for 404 of everything after a change of its policy. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str hidden_headers[] = { EDGEFN_S_INIT("server"),
                                             EDGEFN_S_INIT("x-powered-by") };
static const edgefn_str hidden_prefix = EDGEFN_S_INIT("x-amz-");
static const edgefn_str charset = EDGEFN_S_INIT("; charset=utf-8");

bool tidy_response(edgefn_event *ev)
{
    edgefn_fields *headers = &ev->response.headers;

    if (edgefn_is_request(ev)) return true;
    for (size_t i = 0; i < EDGEFN_COUNT_OF(hidden_headers); i++)
        edgefn_remove(headers, hidden_headers[i]);
    edgefn_remove_prefix(headers, hidden_prefix); /* a failure stays in ev->err: nothing leaves */

    edgefn_str type = edgefn_get(headers, S("content-type"));
    if (edgefn_str_starts(type, S("text/")) && !edgefn_str_contains(type, S("charset="))
        && edgefn_header_value_ok(type)) {
        edgefn_set(headers, S("Content-Type"), edgefn_str_join(ev, EDGEFN_STRS(type, charset)));
    }

    bool hidden = ev->type == EDGEFN_ORIGIN_RESPONSE && ev->request.origin.kind == EDGEFN_ORIGIN_S3
                  && ev->response.status == 403;
    return !hidden
           || (edgefn_status_set(ev, 404, EDGEFN_ABSENT)
               && edgefn_body_drop(ev)); /* S3's page says AccessDenied */
}

bool edgefn_handler(edgefn_event *ev)
{
    return tidy_response(ev);
}
