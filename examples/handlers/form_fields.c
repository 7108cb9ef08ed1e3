/* form_fields.c - sends on only the fields that the contact form has, each once.

   What somebody adds (admin=1, a second email) never reaches an application that would take it.
   Names are compared decoded, values are encoded anew; of equal names the first counts. The query
   of a form is removed: many applications take fields from there, too.
   Events: viewer-request of Lambda@Edge. CloudFront Functions see no body.
   Change: form_page; known, at most 32.
   Needs: "Include body": without it every form is a 400. All methods allowed in the behaviour:
   CloudFront allows POST only together with PUT, PATCH and DELETE, so these are checked, too.
   Traps: a form above 40 KB is shown in part and refused (413), and so is a body of another type or
   none (415): an application that reads both would see fields that nobody checked here. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str form_page = EDGEFN_S_INIT("/contact*");
static const edgefn_str known[] = { EDGEFN_S_INIT("name"), EDGEFN_S_INIT("email"),
                                    EDGEFN_S_INIT("subject"), EDGEFN_S_INIT("message") };

bool form_fields(edgefn_event *ev)
{
    edgefn_text kept = { 0 };
    unsigned seen = 0;

    if (ev->dialect != EDGEFN_DIALECT_LAMBDA || ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (edgefn_str_in(ev->request.method, EDGEFN_STRS(S("GET"), S("HEAD"), S("OPTIONS")))
        || !edgefn_uri_guards(ev->request.uri, form_page))
        return true;

    uint32_t refused;
    edgefn_str form = edgefn_body_form(ev, &refused), name, value;
    if (refused != 0) return edgefn_error_page(ev, refused);

    while (edgefn_form_next(&form, &name, &value)) {
        name = edgefn_percent_decode(ev, name, true);
        for (size_t i = 0; i < EDGEFN_COUNT_OF(known); i++) {
            if ((seen >> i & 1) != 0 || !edgefn_str_eq(name, known[i])) continue;
            edgefn_text_put(ev, &kept, seen != 0 ? S("&") : S(""));
            edgefn_text_put(ev, &kept, name);
            edgefn_text_put(ev, &kept, S("="));
            value = edgefn_percent_decode(ev, value, true); /* a ';' must not divide it */
            edgefn_text_put(ev, &kept, edgefn_form_encode(ev, value));
            seen |= 1u << i;
        }
    }
    return edgefn_query_set_raw(ev, S(""))
           && edgefn_body_replace(ev, edgefn_text_end(ev, &kept), EDGEFN_ENCODING_DEFAULT);
}

bool edgefn_handler(edgefn_event *ev)
{
    return form_fields(ev);
}
