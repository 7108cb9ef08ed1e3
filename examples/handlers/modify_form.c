/* modify_form.c - adds the viewer's address to the contact form, as the field client_ip.

   Events: viewer-request of Lambda@Edge. CloudFront Functions see no body.
   Change: path, field, longest.
   Needs: "Include body". All methods allowed in the behaviour: CloudFront allows POST only together
   with PUT, PATCH and DELETE, so these are taken for forms, too.
   Traps: a field of that name that the viewer sent, in any spelling, is removed first, also from
   the query; all others keep their order and are encoded anew. What cannot be changed is not sent
   on, since the application trusts the field: 415 for another kind of body, 413 for more than
   CloudFront passes or takes back, 400 without a body. AWS's sample takes every POST for a form,
   and what CloudFront passes of a long one for all of it. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str path = EDGEFN_S_INIT("/contact*");
static const edgefn_str field = EDGEFN_S_INIT("client_ip");
enum { longest = 40000 }; /* bytes of the new form; CloudFront's limit is 40 KB */

bool modify_form(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;
    edgefn_text kept = { 0 };
    edgefn_str name, value;

    if (ev->dialect != EDGEFN_DIALECT_LAMBDA || ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (edgefn_str_in(req->method, EDGEFN_STRS(S("GET"), S("HEAD"), S("OPTIONS")))
        || !edgefn_uri_guards(req->uri, path))
        return true;

    uint32_t refused;
    edgefn_str form = edgefn_body_form(ev, &refused);
    if (refused != 0) return edgefn_error_page(ev, refused);

    while (edgefn_form_next(&form, &name, &value)) {
        name = edgefn_percent_decode(ev, name, true);
        if (edgefn_str_eq(name, field)) continue;
        edgefn_text_put(ev, &kept, edgefn_form_encode(ev, name));
        edgefn_text_put(ev, &kept, S("="));
        value = edgefn_percent_decode(ev, value, true); /* a ';' must not divide it */
        edgefn_text_put(ev, &kept, edgefn_form_encode(ev, value));
        edgefn_text_put(ev, &kept, S("&"));
    }
    edgefn_text_put(ev, &kept, field);
    edgefn_text_put(ev, &kept, S("="));
    edgefn_text_put(ev, &kept, edgefn_form_encode(ev, req->client_ip));
    edgefn_str made = edgefn_text_end(ev, &kept);
    if (made.len > longest) return edgefn_error_page(ev, 413);
    const edgefn_query_opts others = { .drop = &field, .drop_count = 1 };
    if (edgefn_query_get(ev, field).ptr != NULL && !edgefn_query_normalize(ev, &others))
        return false;
    return edgefn_body_replace(ev, made, EDGEFN_ENCODING_DEFAULT);
}

bool edgefn_handler(edgefn_event *ev)
{
    return modify_form(ev);
}
