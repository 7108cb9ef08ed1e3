/* advice.c - what to do about a finding of edgefn check: one line for each of the library's rules. */
#include "cli.h"
#include <string.h>

static const struct {
    const char *rule, *text; /* rule: with or without the "functions." before it */
} advice[] = {
    { "result.json", "return an object, not text: the runtime turns it into JSON" },
    { "result.surrogate", "cut strings between whole characters" },
    { "result.object", "return the request or the response; an await or a return may be missing" },
    { "result.shape", "Lambda@Edge takes { \"status\": \"200\", ... } or its request, CloudFront "
                      "Functions { \"statusCode\": 200, ... } or its request" },
    { "result.whole-event", "return Records[0].cf.request or .response (CloudFront Functions: "
                            "event.request or event.response)" },
    { "result.wrapped", "return the object inside, without the name around it" },
    { "functions.result.wrapped",
      "nothing, if this is test-function's output; a function returns the object inside" },
    { "result.both", "return the request, to let it pass, or a response, to answer it" },
    { "result.kind", "return the response that came with the event" },
    { "member.missing", "edit the received object and return it, or add the member" },
    { "member.type", "use the type that the event has there" },
    { "member.duplicate", "write each name once" },
    { "headers.array", "write \"name\": [{ \"key\": \"Name\", \"value\": \"...\" }]" },
    { "headers.entry", "write each entry as { \"key\": \"Name\", \"value\": \"...\" }" },
    { "headers.value-list", "write an entry for each value" },
    { "headers.item", "write \"name\": { \"value\": \"...\" }" },
    { "status.number", "write the status between quotation marks: \"200\"" },
    { "status.type",
      "write \"status\": \"200\" for Lambda@Edge, \"statusCode\": 200 for CloudFront "
      "Functions" },
    { "header.read-only.added", "do not set this header here: CloudFront does" },
    { "header.read-only.deleted",
      "return this header as it came: edit the received headers, do not make new ones" },
    { "header.read-only.changed", "return this header as it came" },
    { "header.read-only.values", "return all values of this header as they came" },
    { "header.read-only.reordered", "return the values of this header in the order they came in" },
    { "header.read-only.key", "return \"key\" as it came" },
    { "header.disallowed", "do not add this header: no edge function may" },
    { "header.country.added", "use a header of another name, or an origin-request function" },
    { "header.country.edited", "use a header of another name" },
    { "header.name", "use letters, digits and - only" },
    { "header.value", "take line ends and other control characters out, or percent-encode them" },
    { "header.key", "let \"key\" be the name in the map, in any case" },
    { "header.case", "write the name in the map in lower case; \"key\" may be in any" },
    { "functions.header.case", "write header names in lower case" },
    { "functions.header.cookie", "use the member cookies of the request or response" },
    { "functions.content-length", "leave content-length out: CloudFront computes it" },
    { "header.url", "percent-encode spaces and what is not ASCII" },
    { "cookie.joined", "write an entry for each cookie" },
    { "redirect.loop", "check that the redirect leads to another URL or sets what ends it" },
    { "redirect.loop.scheme", "redirect only where CloudFront-Forwarded-Proto is the other scheme; "
                              "have it forwarded by an origin request policy" },
    { "status.range", "use a status from 200 to 599" },
    { "status.changed", "change it in origin-response, or answer from a request event" },
    { "status-text.changed", "leave statusDescription as it came" },
    { "status-text.characters", "take control characters out" },
    { "body.with-204", "leave the body out, or use status 200" },
    { "body.type", "make the body a string" },
    { "functions.body.type",
      "write \"body\": { \"encoding\": \"text\", \"data\": \"...\" } or a string" },
    { "body.encoding", "use \"text\" or \"base64\"" },
    { "body.base64", "encode the body as base64, or say \"text\"" },
    { "body.viewer-response", "change the body in origin-response" },
    { "response.size", "keep it below 40 KB in viewer events, 1 MB in origin events; or let the "
                       "origin answer" },
    { "response.size.close", "keep it below 40,000 bytes" },
    { "functions.body.size", "keep it small, or let the origin answer" },
    { "method.changed", "leave method as it came" },
    { "client-ip.changed", "leave clientIp as it came; use a header for another address" },
    { "uri.start", "begin uri with '/'; the host belongs into the origin or a redirect" },
    { "uri.characters", "percent-encode them; the query belongs into querystring" },
    { "uri.length", "shorten uri and query" },
    { "query.characters", "percent-encode them" },
    { "query.question-mark", "leave the '?' out" },
    { "body.action", "use \"replace\" to change the body, else \"read-only\"" },
    { "body.size", "make the body smaller, or leave action read-only" },
    { "body.size.close", "keep it below 40,000 bytes" },
    { "body.ignored", "set action to \"replace\"" },
    { "origin.kind", "leave out one of custom and s3" },
    { "origin.domain", "use a domain name, without scheme, port or path" },
    { "origin.path", "write \"/path\" or \"\"" },
    { "origin.port", "use 80, 443 or 1024 to 65535" },
    { "origin.protocol", "use \"http\" or \"https\"" },
    { "origin.tls", "write [\"TLSv1.2\"]" },
    { "origin.timeout", "use 1 to 120 seconds" },
    { "origin.keepalive", "use 1 to 120 seconds" },
    { "origin.completion", "use 0, or at least readTimeout" },
    { "origin.auth-method", "use \"none\" or \"origin-access-identity\"" },
    { "origin.region", "set region to the bucket's" },
    { "origin.identity", "set up an S3 origin with an identity in the distribution, and try it" },
    { "origin.website", "use a custom origin with protocol http" },
    { "origin.member", "leave the member out" },
    { "origin.member.foreign", "leave the member out" },
    { "origin.member.missing", "add the member, as it is in events" },
    { "origin.header.denied", "use another name" },
    { "origin.header.clash", "set it in request.headers or in customHeaders, not in both" },
    { "origin.header.size", "shorten names and values" },
    { "origin.host", "set Host to the new domainName; S3 refuses others" },
};

const char *cli_advice(const edgefn_rule *rule)
{
    static const char prefix[] = "functions.";
    size_t len = sizeof prefix - 1;
    const char *common = strncmp(rule->id, prefix, len) == 0 ? rule->id + len : rule->id;
    const char *found = "";

    for (size_t i = 0; i < sizeof advice / sizeof advice[0]; i++) {
        if (strcmp(advice[i].rule, rule->id) == 0) return advice[i].text;
        if (strcmp(advice[i].rule, common) == 0) found = advice[i].text;
    }
    return found;
}
