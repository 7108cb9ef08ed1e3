/* request_filter.c - answers requests that no page of the site makes: other methods, paths that
   servers may read in two ways, hidden files, scripts of other software, endless queries.

   Events: viewer-request of both dialects.
   Change: methods and allow, hidden, longest_query, most_parameters.
   Needs: the methods of the list among the allowed methods of the behaviour: to all others
   CloudFront answers 403 itself, before any function runs.
   Traps: paths with '+', ';', "//" or "%2F" are refused (400): sites that use them need another
   rule. AWS WAF counts requests and knows attacks; this costs less, and spares the origin the
   noise. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str methods[] = { EDGEFN_S_INIT("GET"), EDGEFN_S_INIT("HEAD"),
                                      EDGEFN_S_INIT("POST"), EDGEFN_S_INIT("OPTIONS") };
static const edgefn_str allow = EDGEFN_S_INIT("GET, HEAD, POST, OPTIONS");
static const edgefn_str hidden[] = { EDGEFN_S_INIT("*/.git*"), EDGEFN_S_INIT("*/.env*"),
                                     EDGEFN_S_INIT("/.aws*"),  EDGEFN_S_INIT("*.php"),
                                     EDGEFN_S_INIT("*.bak"),   EDGEFN_S_INIT("/wp-*") };
enum { longest_query = 2048, most_parameters = 50 };

bool request_filter(edgefn_event *ev)
{
    edgefn_str uri = ev->request.uri;

    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;
    if (!edgefn_str_in(ev->request.method, methods, EDGEFN_COUNT_OF(methods)))
        return edgefn_error_page(ev, 405) && edgefn_set(&ev->response.headers, S("Allow"), allow);
    if (!edgefn_uri_plain(uri)) return edgefn_error_page(ev, 400);
    if (edgefn_uri_guards_any(uri, hidden, EDGEFN_COUNT_OF(hidden)))
        return edgefn_error_page(ev, 404);
    if (edgefn_query_text(ev).len > longest_query) return edgefn_error_page(ev, 414);
    if (edgefn_query(ev)->len > most_parameters) return edgefn_error_page(ev, 400);
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return request_filter(ev);
}
