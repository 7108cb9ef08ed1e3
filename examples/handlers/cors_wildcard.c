/* cors_wildcard.c - lets all subdomains of example.com call the API under /api/ from the browser.

   Events: viewer-request and viewer-response of both dialects, this function in both; Lambda@Edge
   origin-response where Origin is in the cache policy.
   Change: suffix (with its dot), paths, methods, headers, expose, credentials, max_age_s.
   Needs: allowed methods with OPTIONS, and those of the API.
   Traps: the header itself cannot say "*.example.com": the answer names the one site that asked,
   with Vary: Origin. Only https on the usual port counts, and example.com itself does not. A test
   that finds "example.com" anywhere lets in example.com.evil.net and notexample.com. With
   credentials each of these sites acts as your signed-in users: leave them off if others can have a
   subdomain, or if an old DNS entry points to a host that is no longer yours. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str suffix = EDGEFN_S_INIT(".example.com");
static const edgefn_str paths = EDGEFN_S_INIT("/api/");
static const edgefn_str methods = EDGEFN_S_INIT("PUT, PATCH, DELETE"); /* besides GET, HEAD, POST */
static const edgefn_str headers = EDGEFN_S_INIT("Content-Type, X-Csrf-Token");
static const edgefn_str expose = EDGEFN_S_INIT("X-Request-Id");
static const bool credentials = false;
static const uint32_t max_age_s = 7200;

bool cors_wildcard(edgefn_event *ev)
{
    if (!edgefn_str_starts(ev->request.uri, paths)) return true;

    edgefn_str origin = edgefn_get(&ev->request.headers, S("origin"));
    edgefn_url_parts url = edgefn_url_split(origin);
    edgefn_str plain = edgefn_str_join(ev, EDGEFN_STRS(S("https://"), url.host));
    bool allowed = url.ok && url.host.len > suffix.len && edgefn_str_ends(url.host, suffix)
                   && edgefn_str_eq(origin, plain); /* no port, path, user or other scheme */
    const edgefn_cors_opts cors = { .origins = &origin,
                                    .origin_count = allowed ? 1 : 0,
                                    .credentials = credentials,
                                    .methods = methods,
                                    .headers = headers,
                                    .expose = expose,
                                    .max_age_s = max_age_s };
    return edgefn_header_cors(ev, &cors);
}

bool edgefn_handler(edgefn_event *ev)
{
    return cors_wildcard(ev);
}
