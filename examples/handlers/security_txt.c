/* security_txt.c - answers /.well-known/security.txt: where to report a weakness of your site.

   Events: viewer-request of both dialects, GET and HEAD.
   Change: text (Contact, Expires, Preferred-Languages, Canonical), old_path, max_age_s.
   Needs: nothing.
   Traps: RFC 9116 requires Expires and recommends less than a year; after it the file counts for
   nothing, so put the date into your calendar. Canonical must be the file's own address: one
   function for several hosts needs one text each. Before the RFC the file was at /security.txt:
   that path is redirected. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str old_path = EDGEFN_S_INIT("/security.txt");
static const uint32_t max_age_s = 86400;
static const edgefn_str text =
    EDGEFN_S_INIT("Contact: mailto:security@example.com\n"
                  "Contact: https://www.example.com/report\n"
                  "Expires: 2027-06-30T22:00:00Z\n"
                  "Preferred-Languages: en, de\n"
                  "Canonical: https://www.example.com/.well-known/security.txt\n");

/* fixed by the RFC */
static const edgefn_str path = EDGEFN_S_INIT("/.well-known/security.txt");

bool security_txt(edgefn_event *ev)
{
    edgefn_str uri = ev->request.uri;

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_is_get_or_head(ev)) return true;
    if (edgefn_str_eq(uri, old_path))
        return edgefn_redirect_to(ev, path, &(edgefn_redirect_to_opts){ .status = 301 });
    if (!edgefn_str_eq(uri, path)) return true;
    const edgefn_respond_opts opts = { .body = text,
                                       .content_type = S("text/plain; charset=utf-8"),
                                       .cache_max_age_s = max_age_s };
    return edgefn_respond(ev, 200, &opts);
}

bool edgefn_handler(edgefn_event *ev)
{
    return security_txt(ev);
}
