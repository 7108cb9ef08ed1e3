/* sign_origin.c - signs requests to a private S3 bucket or a Lambda function URL, as AWS wants it
   (SigV4).

   For what origin access control cannot do: another account's keys, an origin chosen in the
   function, S3 as a custom origin.
   Events: origin-request of Lambda@Edge; origins other than *.s3.REGION.amazonaws.com and
   *.lambda-url.REGION.on.aws are left alone.
   Change: access_key, secret_key, session_token, the names of the secrets.
   Needs: the host's clock and its secrets AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
   AWS_SESSION_TOKEN, as a Lambda function has them in its environment; "Include body" for requests
   with one.
   Traps: a truncated body, a missing Host, or a key that is no header value, fails the request: it
   cannot be signed. The role of the keys needs the right for the bucket or function. */
#include "edgefn.h"
#define S EDGEFN_S

static const edgefn_str access_key = EDGEFN_S_INIT("AWS_ACCESS_KEY_ID");
static const edgefn_str secret_key = EDGEFN_S_INIT("AWS_SECRET_ACCESS_KEY");
static const edgefn_str session_token = EDGEFN_S_INIT("AWS_SESSION_TOKEN");

bool sign_origin(edgefn_event *ev)
{
    if (ev->type != EDGEFN_ORIGIN_REQUEST) return true;

    edgefn_str domain = ev->request.origin.domain;
    edgefn_cut s3 = edgefn_str_cut(domain, S(".s3.")),
               lambda = edgefn_str_cut(domain, S(".lambda-url."));
    bool is_s3 = s3.found && edgefn_str_ends(domain, S(".amazonaws.com"));
    if (!is_s3 && !(lambda.found && edgefn_str_ends(domain, S(".on.aws")))) return true;

    return edgefn_sign_v4(ev,
                          &(edgefn_sign_opts){
                              .service = is_s3 ? S("s3") : S("lambda"),
                              .region = edgefn_str_cut(is_s3 ? s3.tail : lambda.tail, S(".")).head,
                              .access_key = edgefn_secret(ev, access_key),
                              .secret_key = edgefn_secret(ev, secret_key),
                              .session_token = edgefn_secret(ev, session_token),
                          });
}

bool edgefn_handler(edgefn_event *ev)
{
    return sign_origin(ev);
}
