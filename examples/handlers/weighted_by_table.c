/* weighted_by_table.c - tries two versions of a part of the site, with shares that a table holds:
   "/pricing/a.html" becomes "/pricing-new/a.html" for as many viewers as the entry says.

   Events: viewer-request of both dialects.
   Change: table; weight_at, a_at and b_at, members of its JSON; visitor_cookie, pinned_cookie.
   Needs: the table "kv". The key is the first part of a path, the value JSON as in AWS's sample:
   pricing = {"a_weightage": 0.75, "a_url": "pricing", "b_url": "pricing-new"}. The new path is in
   the cache key: leave the cookies out of the cache policy.
   Traps: AWS's sample draws anew for each request, so a page and its pictures may be of different
   versions. Here the draw is a hash of the visitor's cookie, or of the address without one: a
   viewer stays with a version, and raising a_weightage moves viewers only to A. An entry that is
   missing or invalid changes nothing. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str table = EDGEFN_S_INIT("kv");
static const edgefn_str weight_at = EDGEFN_S_INIT("/a_weightage"), a_at = EDGEFN_S_INIT("/a_url"),
                        b_at = EDGEFN_S_INIT("/b_url");
static const edgefn_str visitor_cookie = EDGEFN_S_INIT("visitor");   /* see tracking_cookie.c */
static const edgefn_str pinned_cookie = EDGEFN_S_INIT("appversion"); /* its value: a first part */

bool weighted_by_table(edgefn_event *ev)
{
    const uint32_t all = 1000000000; /* nine decimals of a share */
    edgefn_str part = edgefn_path_segment(ev->request.uri, 0);

    if (ev->type != EDGEFN_VIEWER_REQUEST || part.len == 0) return true;
    edgefn_fields *cookies = edgefn_cookies(ev);
    if (edgefn_str_eq(edgefn_get(cookies, pinned_cookie), part)) return true;

    edgefn_str entry = edgefn_lookup(ev, table, part);
    edgefn_json share = edgefn_json_at(ev, entry, weight_at);
    edgefn_number of_a = edgefn_str_to_decimal(share.text, 9);
    if (share.type != EDGEFN_JSON_NUMBER || !of_a.ok || of_a.value > all)
        return ev->err.code == EDGEFN_OK;

    edgefn_str visitor = edgefn_get(cookies, visitor_cookie);
    if (visitor.len == 0) visitor = ev->request.client_ip;
    const uint32_t weights[] = { (uint32_t)of_a.value, all - (uint32_t)of_a.value };
    bool b = edgefn_choose(edgefn_hash(part, visitor), weights, 2) == 1;
    edgefn_str to = edgefn_json_at(ev, entry, b ? b_at : a_at).string;
    if (to.len == 0) return true;
    if (!edgefn_str_starts(to, S("/"))) to = edgefn_str_join(ev, EDGEFN_STRS(S("/"), to));
    if (!edgefn_uri_plain(to) || !edgefn_str_eq(edgefn_percent_encode(ev, to, S("/")), to))
        return true;
    return edgefn_uri_normalize(ev) && edgefn_uri_replace_prefix(ev, part, to);
}

bool edgefn_handler(edgefn_event *ev)
{
    return weighted_by_table(ev);
}
