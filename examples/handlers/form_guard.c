/* form_guard.c - keeps robots out of the contact form: they fill in a field that people do not see.

   The page hides that field and leaves it empty. Here it is removed, so that the application never
   gets it; filled in, or there twice, it is a 403.
   Events: viewer-request of Lambda@Edge. CloudFront Functions see no body.
   Change: form_page; trap, the name of the field.
   Needs: "Include body": without it every form is a 400. All methods allowed in the behaviour:
   CloudFront allows POST only together with PUT, PATCH and DELETE, so these are checked, too.
   Traps: a form above 40 KB is shown in part and refused (413), because the field may be in the
   rest; so is a body of another type or none (415). */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str form_page = EDGEFN_S_INIT("/contact*");
static const edgefn_str trap = EDGEFN_S_INIT("website");

bool form_guard(edgefn_event *ev)
{
    if (ev->dialect != EDGEFN_DIALECT_LAMBDA || ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (edgefn_str_in(ev->request.method, EDGEFN_STRS(S("GET"), S("HEAD"), S("OPTIONS")))
        || !edgefn_uri_guards(ev->request.uri, form_page))
        return true;

    uint32_t refused;
    edgefn_str form = edgefn_body_form(ev, &refused), rest = form, name, value;
    if (refused != 0) return edgefn_error_page(ev, refused);

    edgefn_str before = form, behind = form;
    bool there = false;
    while (edgefn_form_next(&rest, &name, &value)) {
        if (!edgefn_str_eq(edgefn_percent_decode(ev, name, true), trap)) continue;
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

bool edgefn_handler(edgefn_event *ev)
{
    return form_guard(ev);
}
