/* harden_cookies.c - adds Secure, HttpOnly and SameSite=Lax to the origin's cookies where they are
   missing.

   Events: every response event of both dialects. viewer-response does not run for errors.
   Change: for_scripts, the cookies that scripts read: they get no HttpOnly; secure, http_only,
   same_site, what is added.
   Needs: HTTPS: browsers drop Secure cookies over plain HTTP.
   Traps: SameSite=Lax keeps a cookie out of forms that other sites send, a payment provider's for
   one: the origin names SameSite=None for such a cookie, which stays. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str for_scripts[] = { EDGEFN_S_INIT("csrf"), EDGEFN_S_INIT("theme") };
static const edgefn_str secure = EDGEFN_S_INIT("; Secure");
static const edgefn_str http_only = EDGEFN_S_INIT("; HttpOnly");
static const edgefn_str same_site = EDGEFN_S_INIT("; SameSite=Lax");

bool harden_cookies(edgefn_event *ev)
{
    if (edgefn_is_request(ev)) return true;
    edgefn_fields *cookies = edgefn_response_cookies(ev);
    for (size_t i = 0; i < cookies->len; i++) {
        edgefn_str old = cookies->items[i].attributes, parts[4] = { old };
        bool script =
            edgefn_str_in(cookies->items[i].name, for_scripts, EDGEFN_COUNT_OF(for_scripts));
        if (old.len > 0 && !edgefn_header_value_ok(old))
            continue; /* browsers ignore such a cookie */

        if (edgefn_cookie_attribute(old, S("secure")).ptr == NULL) parts[1] = secure;
        if (!script && edgefn_cookie_attribute(old, S("httponly")).ptr == NULL)
            parts[2] = http_only;
        if (edgefn_cookie_attribute(old, S("samesite")).ptr == NULL) parts[3] = same_site;
        if (parts[1].ptr == NULL && parts[2].ptr == NULL && parts[3].ptr == NULL) continue;
        edgefn_str joined = edgefn_str_join(ev, parts, EDGEFN_COUNT_OF(parts));
        if (old.len == 0)
            joined = edgefn_str_skip(
                joined, 2); /* the first "; " stands between the value and its attributes */
        if (!edgefn_set_attributes_at(cookies, i, joined)) return false;
    }
    return true;
}

bool edgefn_handler(edgefn_event *ev)
{
    return harden_cookies(ev);
}
