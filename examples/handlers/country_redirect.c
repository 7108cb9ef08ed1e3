/* country_redirect.c - sends viewers from the common site to the site of their country.

   Path and query are kept. Viewers from other countries pass, and so does everybody who is at one
   of the countries' sites already. Only GET and HEAD are redirected.
   Events: Lambda@Edge origin-request; CloudFront Functions viewer-request.
   Change: sites.
   Needs: CloudFront-Viewer-Country and Host in the cache policy. An S3 origin does not accept the
   viewer's Host: use CloudFront Functions there.
   Traps: AWS's version redirects everybody to "/" of some host, viewers who are there already
   included: an endless redirect, which CloudFront caches. Where Host is not forwarded this function
   cannot know the site, and redirects nobody. Search engines read from few countries: that is why
   the countries' own sites never redirect. */
#include "edgefn.h"
#define S EDGEFN_S

static const struct {
    edgefn_str country, host;
} sites[] = {
    { EDGEFN_S_INIT("TW"), EDGEFN_S_INIT("tw.example.com") },
    { EDGEFN_S_INIT("US"), EDGEFN_S_INIT("us.example.com") },
};

/* Returns the host that the viewer asked for; absent if Host names the origin instead. */
static edgefn_str viewer_host(const edgefn_event *ev)
{
    const edgefn_origin *origin = &ev->request.origin;
    edgefn_str host = edgefn_str_cut(edgefn_get(&ev->request.headers, S("host")), S(":")).head;

    if (ev->type != EDGEFN_ORIGIN_REQUEST) return host;
    return origin->kind == EDGEFN_ORIGIN_S3 || edgefn_str_ieq(host, origin->domain) ? EDGEFN_ABSENT
                                                                                    : host;
}

bool country_redirect(edgefn_event *ev)
{
    edgefn_viewer viewer = edgefn_viewer_of(ev);
    edgefn_str here = viewer_host(ev), to = EDGEFN_ABSENT;

    if (!edgefn_is_request(ev) || !viewer.trusted || here.len == 0 || !edgefn_is_get_or_head(ev))
        return true;
    for (size_t i = 0; i < EDGEFN_COUNT_OF(sites); i++) {
        if (edgefn_str_ieq(here, sites[i].host)) return true;
        if (edgefn_str_eq(viewer.country, sites[i].country)) to = sites[i].host;
    }
    if (to.ptr == NULL || edgefn_url(ev).ptr == NULL) return true; /* absent for a broken path */
    return edgefn_redirect(ev, &(edgefn_redirect_opts){ .host = to, .cacheable = true });
}

bool edgefn_handler(edgefn_event *ev)
{
    return country_redirect(ev);
}
