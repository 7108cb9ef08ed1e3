/* cache_safety.c - keeps one viewer's page out of the cache that everybody shares.

   A response that sets a cookie, or differs by cookie, becomes no-store, unless the application
   itself said private or no-store.
   Events: origin-response of Lambda@Edge, before the cache.
   Change: nothing.
   Needs: a minimum TTL of 0 in the cache policy; with more, CloudFront stores it whatever the
   header says.
   Traps: CloudFront caches Set-Cookie with the object: the next viewer gets the first one's
   session. */
#include "edgefn.h"
#define S EDGEFN_S

bool cache_safety(edgefn_event *ev)
{
    const edgefn_fields *headers = &ev->response.headers;

    if (ev->type != EDGEFN_ORIGIN_RESPONSE) return true;
    bool personal = edgefn_has(headers, S("set-cookie"));
    for (size_t i = 0; i < headers->len; i++) {
        edgefn_str name = headers->items[i].name, value = headers->items[i].value;
        if (edgefn_str_eq(name, S("vary")))
            personal |= edgefn_header_has_token(value, S("cookie"))
                        || edgefn_header_has_token(value, S("*"));
        if (!edgefn_str_eq(name, S("cache-control"))) continue;
        if (edgefn_header_has_token(value, S("private"))
            || edgefn_header_has_token(value, S("no-store")))
            return true;
    }
    return !personal || edgefn_header_cache(ev, &(edgefn_cache_opts){ .no_store = true });
}

bool edgefn_handler(edgefn_event *ev)
{
    return cache_safety(ev);
}
