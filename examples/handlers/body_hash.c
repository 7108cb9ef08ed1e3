/* body_hash.c - adds the hash of the body that a Lambda function URL with origin access control
   needs.

   Events: origin-request of Lambda@Edge, for origins *.lambda-url.REGION.on.aws.
   Change: nothing.
   Needs: "Include body": without it such a request fails, and its log says why. All methods allowed
   in the behaviour; origin access control (OAC) of type Lambda that signs all requests; an origin
   request policy that does not forward Host, such as AllViewerExceptHostHeader: Lambda refuses the
   signature for another host.
   Traps: without x-amz-content-sha256 CloudFront signs a POST as one without a body, and Lambda
   answers 403. What a viewer wrote there is replaced, and removed from requests without a body. A
   body above 1 MB is shown in part and cannot be hashed: 413. */
#include "edgefn.h"
#define S EDGEFN_S

bool body_hash(edgefn_event *ev)
{
    const edgefn_request *req = &ev->request;

    if (ev->type != EDGEFN_ORIGIN_REQUEST || !edgefn_str_ends(req->origin.domain, S(".on.aws")))
        return true;
    if (edgefn_str_in(req->method, EDGEFN_STRS(S("GET"), S("HEAD"), S("OPTIONS"))))
        return edgefn_remove(&ev->request.headers, S("x-amz-content-sha256"));
    if (req->body.truncated) return edgefn_error_page(ev, 413);

    edgefn_str body = edgefn_body_decode(ev, &req->body);
    if (req->body.data.ptr == NULL && edgefn_str_eq(req->method, S("DELETE")))
        body = S(""); /* such requests seldom have one */
    if (body.ptr == NULL)
        return edgefn_fail(ev, EDGEFN_E_MISSING, S("request.body: is \"Include body\" on?"));
    return edgefn_set(&ev->request.headers, S("x-amz-content-sha256"),
                      edgefn_hex_encode(ev, edgefn_sha256_str(ev, body)));
}

bool edgefn_handler(edgefn_event *ev)
{
    return body_hash(ev);
}
