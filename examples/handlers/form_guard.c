/* form_guard.c - keeps robots out of the contact form: they fill in the field "website", which people do not see.

   The page hides that field and leaves it empty; here it is taken out, so that the application never hears of it.
   A form above 40 KB, which CloudFront shows in part, is refused, for the field may stand in the rest (413); so is a body
   of another kind (415): what nobody read, nobody vouches for.
   Events: viewer-request of Lambda@Edge. CloudFront Functions see no body.
   Needs: "Include body". Without it every form is a 400. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    if (ev->dialect != EDGEFN_DIALECT_LAMBDA || ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (!edgefn_str_eq(ev->request.method, S("POST"))
        || !edgefn_uri_guards(ev->request.uri, S("/contact*")))
        return true;

    edgefn_str type =
        edgefn_str_cut(edgefn_get(&ev->request.headers, S("content-type")), S(";")).head;
    if (!edgefn_str_ieq(edgefn_str_trim(type), S("application/x-www-form-urlencoded")))
        return edgefn_error_page(ev, 415);
    if (ev->request.body.truncated) return edgefn_error_page(ev, 413);

    edgefn_str form = edgefn_body_decode(ev, &ev->request.body), rest = form, name, value;
    if (form.ptr == NULL) return edgefn_error_page(ev, 400);

    edgefn_str before = form, behind = form;
    bool there = false;
    while (edgefn_form_next(&rest, &name, &value)) {
        if (!edgefn_str_eq(edgefn_percent_decode(ev, name, true), S("website"))) continue;
        if (value.len > 0 || there)
            return edgefn_error_page(ev, 403); /* filled in, or there twice */
        before = edgefn_str_take(form, (size_t)(name.ptr - form.ptr));
        behind = rest;
        there = true;
    }
    if (!there) return true;
    if (behind.len == 0 && before.len > 0) before.len--; /* the '&' in front of a last field */
    return edgefn_body_replace(ev, edgefn_str_join(ev, EDGEFN_STRS(before, behind)),
                               EDGEFN_ENCODING_DEFAULT);
}
