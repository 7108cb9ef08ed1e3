/* origin_s3_to_custom.c - fetches a page from a server if the query says useCustomOrigin=true.

   Events: origin-request of Lambda@Edge.
   Change: parameter, value, server, read_timeout_s.
   Needs: the parameter in the cache policy, so that both origins have their own cached copies, and
   "All query strings" in the origin request policy, else the function does not see the query;
   allowed methods GET and HEAD, unless the server takes others.
   Traps: AWS's example offers the server TLS 1.0 and 1.1 only, which most servers refuse; this one
   offers TLS 1.2. The parameter does not reach the server, other parameters do. Everybody can write
   the parameter: it hides nothing. */
#include "edgefn.h"

static const edgefn_str parameter = EDGEFN_S_INIT("useCustomOrigin"), value = EDGEFN_S_INIT("true");
static const edgefn_str server = EDGEFN_S_INIT("www.example.com");
static const uint32_t read_timeout_s = 10;

bool origin_s3_to_custom(edgefn_event *ev)
{
    if (ev->type != EDGEFN_ORIGIN_REQUEST || !edgefn_str_eq(edgefn_query_get(ev, parameter), value))
        return true;
    const edgefn_query_opts others = { .drop = &parameter, .drop_count = 1 };
    return edgefn_query_normalize(ev, &others)
           && edgefn_origin_custom(
               ev, &(edgefn_origin_opts){ .domain = server, .read_timeout_s = read_timeout_s });
}

bool edgefn_handler(edgefn_event *ev)
{
    return origin_s3_to_custom(ev);
}
