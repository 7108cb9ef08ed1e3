/* origin_secret.c - proves to the origin by a shared secret that CloudFront sent the request.

   Events: origin-request of Lambda@Edge, custom origins; S3 has origin access control for this.
   Change: header, table and name of the secret.
   Needs: the entry "origin" of the host's table "secret"; HTTPS to the origin; an origin that
   refuses requests without the header, and takes the old and the new secret while you change it.
   Traps: a fixed value needs no function: the distribution's own setting "Add custom header" does
   it, but each change is a deployment. CloudFront refuses a custom header that the request has as
   well: one that a viewer sent is removed. Without a secret the answer is 503, and nothing reaches
   the origin. Events of origin-response contain custom headers: do not log them. */
#include "edgefn.h"

static const edgefn_str header = EDGEFN_S_INIT("X-Origin-Secret");
static const edgefn_str table = EDGEFN_S_INIT("secret"), name = EDGEFN_S_INIT("origin");

bool origin_secret(edgefn_event *ev)
{
    edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_ORIGIN_REQUEST || req->origin.kind != EDGEFN_ORIGIN_CUSTOM) return true;
    edgefn_str secret = ev->env->lookup != NULL ? edgefn_lookup(ev, table, name) : EDGEFN_ABSENT;
    if (secret.len == 0 || !edgefn_header_value_ok(secret)) return edgefn_error_page(ev, 503);
    return edgefn_header_trusted(ev, header, EDGEFN_ABSENT)
           && edgefn_set(&req->origin.headers, header, secret);
}

bool edgefn_handler(edgefn_event *ev)
{
    return origin_secret(ev);
}
