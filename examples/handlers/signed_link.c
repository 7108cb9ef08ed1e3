/* signed_link.c - opens /downloads/ only to links that your site has signed, until they expire.

   /downloads/report.pdf?expires=1767867600&signature=HEX, where HEX is the HMAC-SHA256, under the
   secret "link", of the path, a line feed and the number: seconds since 1970. The path is signed as
   the link has it: "/downloads/a%20b.pdf". Whoever has the link may pass it on.
       printf '%s\n%s' /downloads/report.pdf 1767867600 | openssl dgst -sha256 -hmac SECRET
   Events: viewer-request of both dialects.
   Change: guarded, secret_name, expires and signature (parameters), incomplete and expired (texts).
   Needs: the host's clock, and its secret "link"; an origin that only CloudFront can reach; allowed
   methods GET and HEAD, because the method is not signed.
   Traps: both parameters are removed, in any percent spelling, so that every link of a file finds
   the same cached copy, and the origin sees none. Other parameters are not signed. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str guarded = EDGEFN_S_INIT("/downloads/*");
static const edgefn_str secret_name = EDGEFN_S_INIT("link");
static const edgefn_str expires = EDGEFN_S_INIT("expires");
static const edgefn_str signature = EDGEFN_S_INIT("signature");
static const edgefn_str incomplete = EDGEFN_S_INIT("This link is not complete.\n");
static const edgefn_str expired = EDGEFN_S_INIT("This link has expired.\n");

static bool refuse(edgefn_event *ev, edgefn_str why)
{
    edgefn_log(ev, edgefn_str_join(
                       ev, EDGEFN_STRS(S("signed_link: "), edgefn_str_cut(why, S("\n")).head)));
    return edgefn_respond_text(ev, 403, why);
}

bool signed_link(edgefn_event *ev)
{
    edgefn_str path = ev->request.uri;
    int64_t now;

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_uri_guards(path, guarded)) return true;
    edgefn_str end = edgefn_query_get(ev, expires);
    edgefn_str sent = edgefn_hex_decode(ev, edgefn_query_get(ev, signature));
    edgefn_str message = edgefn_str_join(ev, EDGEFN_STRS(path, S("\n"), end));
    edgefn_str mac = edgefn_hmac_sha256_str(ev, edgefn_secret(ev, secret_name), message);
    if (!edgefn_now(ev, &now) || ev->err.code != EDGEFN_OK) return false;
    if (!edgefn_secret_eq(sent, mac)) return refuse(ev, incomplete);

    edgefn_number until =
        edgefn_str_to_u64(end); /* checked last: only a signed time deserves an answer of its own */
    if (!until.ok || until.value <= (uint64_t)now) return refuse(ev, expired);
    const edgefn_query_opts others = { .drop = (edgefn_str[]){ expires, signature },
                                       .drop_count = 2 };
    return edgefn_query_normalize(ev, &others);
}

bool edgefn_handler(edgefn_event *ev)
{
    return signed_link(ev);
}
