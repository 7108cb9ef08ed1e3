/* image_links.c - lets through only those image links that your site has signed, as imgproxy does.

   imgproxy converts images; a link is /resize/SIGNATURE/rs:fill:300:400/plain/local:///a.jpg, where
   SIGNATURE is base64url of the HMAC-SHA256 of salt and the rest.
   Events: viewer-request of both dialects.
   Change: folder and guarded, which begins with it; key_name, salt_name.
   Needs: the host's secrets "imgproxy-key" and "imgproxy-salt", in hex as imgproxy has them;
   IMGPROXY_PATH_PREFIX=/resize.
   Traps: imgproxy checks the same; checked here, a link that somebody made up costs no conversion,
   and no place in the cache. */
#include "edgefn.h"

static const edgefn_str folder = EDGEFN_S_INIT("/resize/");
static const edgefn_str guarded = EDGEFN_S_INIT("/resize/*");
static const edgefn_str key_name = EDGEFN_S_INIT("imgproxy-key");
static const edgefn_str salt_name = EDGEFN_S_INIT("imgproxy-salt");

bool image_links(edgefn_event *ev)
{
    edgefn_str uri = ev->request.uri;

    if (ev->type != EDGEFN_VIEWER_REQUEST || !edgefn_uri_guards(uri, guarded)) return true;
    edgefn_str key = edgefn_hex_decode(ev, edgefn_secret(ev, key_name));
    edgefn_str salt = edgefn_hex_decode(ev, edgefn_secret(ev, salt_name));
    if (key.len == 0 || salt.len == 0) return edgefn_fail(ev, EDGEFN_E_ENVIRONMENT, key_name);

    edgefn_str signature = edgefn_path_segment(uri, 1);
    edgefn_str rest = edgefn_str_skip(uri, folder.len + signature.len); /* with its '/' */
    edgefn_str mac = edgefn_hmac_sha256_str(ev, key, edgefn_str_join(ev, EDGEFN_STRS(salt, rest)));
    if (edgefn_secret_eq(edgefn_base64url_decode(ev, signature), mac))
        return ev->err.code == EDGEFN_OK;
    return edgefn_error_page(ev, 403);
}

bool edgefn_handler(edgefn_event *ev)
{
    return image_links(ev);
}
