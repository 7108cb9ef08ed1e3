/* header_from_query.c - turns a query parameter into a request header: "?auth=abc" becomes
   "Auth-Header: abc", and the parameter is removed.

   Events: viewer-request of both dialects; origin-request.
   Change: parameter, header.
   Needs: an origin request policy that forwards the header, or all of the viewer's. If responses
   depend on it, the header must be in the cache policy, and the handler in viewer-request.
   Traps: what a viewer sends as Auth-Header, or as Auth_Header, which many servers read as the same,
   is removed, also without the parameter. AWS's sample fails then, or makes a header without a
   value. Two such parameters, or a value that a header cannot hold, are answered with 400.
   Addresses are logged and shared: a secret in one does not stay secret. The other parameters are
   encoded and sorted where one was removed: the writer would refuse a query that was received with
   a space in it. */
#include "edgefn.h"

static const edgefn_str parameter = EDGEFN_S_INIT("auth");
static const edgefn_str header = EDGEFN_S_INIT("Auth-Header");

bool header_from_query(edgefn_event *ev)
{
    if (!edgefn_is_request(ev)) return true;

    size_t count = edgefn_query(ev)->len, at = edgefn_query_find(ev, parameter, 0);
    edgefn_str value = edgefn_query_get(ev, parameter);
    if (at < count && edgefn_query_find(ev, parameter, at + 1) < count)
        return edgefn_error_page(ev, 400);
    if (value.len > 0 && !edgefn_header_value_ok(value)) return edgefn_error_page(ev, 400);
    edgefn_query_opts rest = { .drop = &parameter, .drop_count = 1 };
    return (at == count || edgefn_query_normalize(ev, &rest))
           && edgefn_header_trusted(ev, header, value.len > 0 ? value : EDGEFN_ABSENT);
}

bool edgefn_handler(edgefn_event *ev)
{
    return header_from_query(ev);
}
