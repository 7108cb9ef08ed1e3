/* read_form.c - writes the fields of each feedback form to the log, and sends the form on
   unchanged.

   Events: viewer-request and origin-request of Lambda@Edge. CloudFront Functions see no body.
   Change: path; not_logged, and instead, which the log has for their values.
   Needs: "Include body", and all methods allowed in the behaviour: POST alone cannot be. The log is
   that of the Region nearest to the viewer.
   Traps: fields are personal data: list in not_logged what no log may hold. CloudFront passes the
   first 40 KB (viewer-request) or 1 MB (origin-request): of a longer form only the length of that
   part is logged. Names and values are as the viewer sent them. To keep fields out of the
   application use form_fields.c. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str path = EDGEFN_S_INIT("/feedback*");
static const edgefn_str not_logged[] = { EDGEFN_S_INIT("password"), EDGEFN_S_INIT("card") };
static const edgefn_str instead = EDGEFN_S_INIT("(not logged)");

bool read_form(edgefn_event *ev)
{
    const edgefn_body *body = &ev->request.body;
    edgefn_str name, value, length;

    if (!edgefn_is_request(ev) || body->data.ptr == NULL) return true;
    if (!edgefn_str_eq(ev->request.method, S("POST")) || !edgefn_uri_match(ev->request.uri, path))
        return true;

    edgefn_str type = edgefn_get(&ev->request.headers, S("content-type"));
    edgefn_str form = edgefn_body_decode_part(ev, body);
    if (body->truncated || !edgefn_header_has_type(type, S("application/x-www-form-urlencoded"))) {
        length = edgefn_str_from_u64(ev, form.len);
        edgefn_log(ev, edgefn_str_join(ev, EDGEFN_STRS(S("not read: "), length, S(" bytes"))));
        return true;
    }
    while (edgefn_form_next(&form, &name, &value)) {
        name = edgefn_percent_decode(ev, name, true);
        value = edgefn_percent_decode(ev, value, true);
        if (edgefn_str_in(name, not_logged, EDGEFN_COUNT_OF(not_logged))) value = instead;
        edgefn_log(ev, edgefn_str_join(ev, EDGEFN_STRS(name, S("="), value)));
    }
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return read_form(ev);
}
