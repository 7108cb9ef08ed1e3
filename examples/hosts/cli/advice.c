/* advice.c - how to fix a finding of edgefn check: one line for each of the library's rules. */
#include "cli.h"
#include <string.h>

static const struct {
    const char *rule, *text; /* rule: with or without the "functions." before it */
} advice[] = {
    { "result.json", "return an object, not text: the runtime turns it into JSON" },
    { "result.surrogate", "cut strings between whole characters" },
    { "result.object", "return the request or the response; check for a missing await or return" },
    { "result.shape", "Lambda@Edge expects { \"status\": \"200\", ... } or the request, CloudFront "
                      "Functions { \"statusCode\": 200, ... } or the request" },
    { "result.whole-event", "return Records[0].cf.request or .response (CloudFront Functions: "
                            "event.request or event.response)" },
    { "result.wrapped", "return the object inside, without the name around it" },
    { "functions.result.wrapped",
      "if this is the output of test-function, nothing; a function must return the object inside" },
    { "result.both", "return the request, to let it pass, or a response, to answer it" },
    { "result.kind", "return the response that came with the event" },
    { "member.missing", "edit the received object and return it, or add the member" },
    { "member.type", "use the same type as in the event" },
    { "member.duplicate", "write each name once" },
    { "headers.array", "write \"name\": [{ \"key\": \"Name\", \"value\": \"...\" }]" },
    { "headers.entry", "write each entry as { \"key\": \"Name\", \"value\": \"...\" }" },
    { "headers.value-list", "write one entry for each value" },
    { "headers.item", "write \"name\": { \"value\": \"...\" }" },
    { "status.number", "write the status as a string: \"200\"" },
    { "status.type",
      "write \"status\": \"200\" for Lambda@Edge, \"statusCode\": 200 for CloudFront "
      "Functions" },
    { "header.read-only.added", "do not set this header here: CloudFront does" },
    { "header.read-only.deleted",
      "return this header unchanged: edit the received headers, do not make new ones" },
    { "header.read-only.changed", "return this header unchanged" },
    { "header.read-only.values", "return all values of this header unchanged" },
    { "header.read-only.reordered", "return the values of this header in the received order" },
    { "header.read-only.key", "return \"key\" unchanged" },
    { "header.disallowed", "do not add this header: edge functions are not allowed to" },
    { "header.country.added", "use another header name, or an origin-request function" },
    { "header.country.edited", "use another header name" },
    { "header.name", "use letters, digits and - only" },
    { "header.value", "remove line ends and other control characters, or percent-encode them" },
    { "header.key", "use the name in the map as \"key\", in upper or lower case" },
    { "header.case", "write the name in the map in lower case; \"key\" may use any case" },
    { "functions.header.case", "write header names in lower case" },
    { "functions.header.cookie", "use the member \"cookies\" of the request or response" },
    { "functions.content-length", "omit content-length: CloudFront computes it" },
    { "header.url", "percent-encode spaces and non-ASCII characters" },
    { "cookie.joined", "write one entry for each cookie" },
    { "redirect.loop",
      "make sure that the redirect leads to another URL, or sets what stops it the next time" },
    { "redirect.loop.scheme", "redirect only if CloudFront-Forwarded-Proto is the other scheme; "
                              "forward that header with an origin request policy" },
    { "status.range", "use a status from 200 to 599" },
    { "status.changed", "change it in origin-response, or answer from a request event" },
    { "status-text.changed", "leave statusDescription unchanged" },
    { "status-text.characters", "remove control characters" },
    { "body.with-204", "omit the body, or use status 200" },
    { "body.type", "make the body a string" },
    { "functions.body.type",
      "write \"body\": { \"encoding\": \"text\", \"data\": \"...\" } or a string" },
    { "body.encoding", "use \"text\" or \"base64\"" },
    { "body.base64", "encode the body as base64, or set encoding to \"text\"" },
    { "body.viewer-response", "change the body in origin-response" },
    { "response.size", "keep it below 40 KB in viewer events and 1 MB in origin events, or let "
                       "the origin answer" },
    { "response.size.close", "keep it below 40,000 bytes" },
    { "functions.body.size", "keep it small, or let the origin answer" },
    { "method.changed", "leave method unchanged" },
    { "client-ip.changed", "leave clientIp unchanged; use a header for another address" },
    { "uri.start", "start uri with '/'; a host belongs in the origin or in a redirect" },
    { "uri.characters", "percent-encode them; a query belongs in querystring" },
    { "uri.length", "shorten uri and query" },
    { "query.characters", "percent-encode them" },
    { "query.question-mark", "omit the '?'" },
    { "body.action", "use \"replace\" to change the body, otherwise \"read-only\"" },
    { "body.size", "make the body smaller, or leave action \"read-only\"" },
    { "body.size.close", "keep it below 40,000 bytes" },
    { "body.ignored", "set action to \"replace\"" },
    { "origin.kind", "omit either custom or s3" },
    { "origin.domain", "use a domain name, without scheme, port or path" },
    { "origin.path", "write \"/path\" or \"\"" },
    { "origin.port", "use 80, 443 or 1024 to 65535" },
    { "origin.protocol", "use \"http\" or \"https\"" },
    { "origin.tls", "write [\"TLSv1.2\"]" },
    { "origin.timeout", "use 1 to 120 seconds" },
    { "origin.keepalive", "use 1 to 120 seconds" },
    { "origin.completion", "use 0, or at least readTimeout" },
    { "origin.auth-method", "use \"none\" or \"origin-access-identity\"" },
    { "origin.region", "set region to the region of the bucket" },
    { "origin.identity", "set up an S3 origin with an identity in the distribution, and test it" },
    { "origin.website", "use a custom origin with protocol http" },
    { "origin.member", "omit the member" },
    { "origin.member.foreign", "omit the member" },
    { "origin.member.missing", "add the member, as it appears in events" },
    { "origin.header.denied", "use another header name" },
    { "origin.header.clash", "set it either in request.headers or in customHeaders" },
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
