/* signed_link.c - opens /downloads/ only to links that your site has signed, until they expire.

   /downloads/report.pdf?expires=1767867600&signature=HEX, where HEX is the HMAC-SHA256, under the
   secret "link", of the path, a line feed and the number: seconds since 1970. Whoever has the link
   may pass it on.
   Events: viewer-request of both dialects.
   Change: guarded.
   Needs: the host's clock, and its secret "link".
   Traps: both parameters are removed, in any percent spelling, so that every link of a file finds
   the same cached copy, and the origin sees none. Other parameters are not signed. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str guarded = EDGEFN_S_INIT("/downloads/*");

static bool refuse(edgefn_event *ev, edgefn_str why)
{
    edgefn_log(ev, edgefn_str_join(ev, EDGEFN_STRS(S("signed_link: "), edgefn_str_trim(why))));
    return edgefn_respond(ev, 403,
                          &(edgefn_respond_opts){ .body = why, .content_type = S("text/plain") });
}

bool signed_link(edgefn_event *ev)
{
    edgefn_str path = ev->request.uri, secret;
    unsigned char mac[32];
    int64_t now;

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_uri_guards(path, guarded)) return true;
    if (!edgefn_now(ev, &now) || (secret = edgefn_secret(ev, S("link"))).ptr == NULL) return false;

    edgefn_str expires = edgefn_query_get(ev, S("expires"));
    edgefn_str signature = edgefn_hex_decode(ev, edgefn_query_get(ev, S("signature")));

    edgefn_str message = edgefn_str_join(ev, EDGEFN_STRS(path, S("\n"), expires));
    if (message.ptr == NULL) return false;
    edgefn_hmac_sha256(secret, message, mac);
    if (!edgefn_secret_eq(signature, (edgefn_str){ (char *)mac, sizeof mac }))
        return refuse(ev, S("This link is not complete.\n"));

    edgefn_number until =
        edgefn_str_to_u64(expires); /* asked last: only what was signed is worth an answer */
    if (!until.ok || until.value <= (uint64_t)now) return refuse(ev, S("This link has expired.\n"));
    return edgefn_query_remove(ev, S("expires")) && edgefn_query_remove(ev, S("signature"));
}

bool edgefn_handler(edgefn_event *ev)
{
    return signed_link(ev);
}
