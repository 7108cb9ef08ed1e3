/* form_fields.c - sends on only the fields that the contact form has, each once: what somebody adds (admin=1, a second email) never
   reaches an application that would take it.

   Names are compared decoded, values go on as they came; of equal names the first counts. A form above 40 KB is refused (413), and so
   is a body of another kind (415).
   Events: viewer-request of Lambda@Edge. CloudFront Functions see no body.
   Needs: "Include body". Without it every form is a 400. */
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    static const edgefn_str known[] = { EDGEFN_S_INIT("name"), EDGEFN_S_INIT("email"),
                                        EDGEFN_S_INIT("subject"), EDGEFN_S_INIT("message") };
    edgefn_text kept = { 0 };
    unsigned seen = 0;

    if (ev->dialect != EDGEFN_DIALECT_LAMBDA || ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (!edgefn_str_eq(ev->request.method, S("POST"))
        || !edgefn_uri_guards(ev->request.uri, S("/contact*")))
        return true;

    edgefn_str type =
        edgefn_str_cut(edgefn_get(&ev->request.headers, S("content-type")), S(";")).head;
    if (!edgefn_str_ieq(edgefn_str_trim(type), S("application/x-www-form-urlencoded")))
        return edgefn_error_page(ev, 415);
    if (ev->request.body.truncated) return edgefn_error_page(ev, 413);

    edgefn_str form = edgefn_body_decode(ev, &ev->request.body), name, value;
    if (form.ptr == NULL) return edgefn_error_page(ev, 400);

    while (edgefn_form_next(&form, &name, &value)) {
        name = edgefn_percent_decode(ev, name, true);
        for (size_t i = 0; i < EDGEFN_COUNT_OF(known); i++) {
            if ((seen >> i & 1) != 0 || !edgefn_str_eq(name, known[i])) continue;
            edgefn_text_put(ev, &kept, seen != 0 ? S("&") : S(""));
            edgefn_text_put(ev, &kept, name);
            edgefn_text_put(ev, &kept, S("="));
            edgefn_text_put(ev, &kept, value);
            seen |= 1u << i;
        }
    }
    return edgefn_body_replace(ev, edgefn_text_end(ev, &kept), EDGEFN_ENCODING_DEFAULT);
}
