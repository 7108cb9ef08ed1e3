/* cache_control_by_path.c - lets browsers keep files for a year, and asks CloudFront for pages
   after five minutes.

   Events: every response event of both dialects. In Lambda@Edge origin-response CloudFront follows
   the header, too; elsewhere only browsers do.
   Change: folders, whose files change their name with their content; page_ending; file and page,
   what is sent.
   Needs: file names with a hash or version in those folders.
   Traps: AWS's version sends two years for every answer below 400, pages and redirects included.
   Here only GET and HEAD with status 200 get the header; what sets a cookie, or is private or
   no-store, stays as the origin sent it. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str folders[] = { EDGEFN_S_INIT("assets"), EDGEFN_S_INIT("img") };
static const edgefn_str page_ending = EDGEFN_S_INIT(".html");
static const edgefn_cache_opts file = { .max_age_s = 365 * 86400, .immutable = true };
static const edgefn_cache_opts page = { .shared_max_age_s = 300, .stale_revalidate_s = 60 };

/* Reports whether a response is one viewer's own, or says that nobody may keep it. */
static bool is_personal(edgefn_event *ev)
{
    const edgefn_fields *headers = &ev->response.headers;
    const edgefn_str name = S("cache-control");

    for (size_t i = edgefn_find(headers, name, 0); i < headers->len;
         i = edgefn_find(headers, name, i + 1)) {
        edgefn_str said = headers->items[i].value;
        if (edgefn_header_directive(said, S("no-store")).ptr) return true;
        if (edgefn_header_directive(said, S("private")).ptr) return true;
    }
    return edgefn_response_cookies(ev)->len > 0;
}

bool cache_control_by_path(edgefn_event *ev)
{
    const edgefn_str uri = ev->request.uri;

    if (edgefn_is_request(ev) || ev->response.status != 200 || is_personal(ev)) return true;
    if (!edgefn_is_get_or_head(ev)) return true;

    if (edgefn_str_in(edgefn_path_segment(uri, 0), folders, EDGEFN_COUNT_OF(folders)))
        return edgefn_header_cache(ev, &file);
    if (edgefn_str_ends(uri, S("/")) || edgefn_str_ends(uri, page_ending))
        return edgefn_header_cache(ev, &page);
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return cache_control_by_path(ev);
}
