/* settings_shapes.c - what edge.json may have, with the names of CloudFormation (AWS::CloudFront::Distribution and its policies) or, for what only a
   local CloudFront has, names of its own (Address, Directory, Tables, ViewerCountry, ViewerHeaders); and what its members may refer to. */
#include "settings.h"
#include "recipes.h"
#include <stddef.h>
#include <string.h>

#define END                                                                                        \
  {                                                                                                \
    NULL, SETTINGS_ANY, false, 0, NULL, 0, 0, NULL                                                 \
  }
#define MEMBER(name, kind, type, member)                                                           \
  {                                                                                                \
    name, kind, false, offsetof(type, member), NULL, 0, 0, NULL                                    \
  }
#define NEEDED(name, kind, type, member)                                                           \
  {                                                                                                \
    name, kind, true, offsetof(type, member), NULL, 0, 0, NULL                                     \
  }
#define NUMBER(name, type, member, least, most)                                                    \
  {                                                                                                \
    name, SETTINGS_NUMBER, false, offsetof(type, member), NULL, least, most, NULL                  \
  }
#define WORD(name, kind, needed, type, member, words)                                              \
  {                                                                                                \
    name, kind, needed, offsetof(type, member), words, 0, 0, NULL                                  \
  }
#define SHAPED(name, kind, needed, type, member, shape)                                            \
  {                                                                                                \
    name, kind, needed, offsetof(type, member), NULL, 0, 0, &(shape)                               \
  }
#define ANY(name)                                                                                  \
  {                                                                                                \
    name, SETTINGS_ANY, false, 0, NULL, 0, 0, NULL                                                 \
  }
#define LACKS(name, said)                                                                          \
  {                                                                                                \
    name, SETTINGS_LACKS, false, 0, said, 0, 0, NULL                                               \
  }
#define INSTEAD(name, words)                                                                       \
  {                                                                                                \
    name, SETTINGS_INSTEAD, false, 0, words, 0, 0, NULL                                            \
  }
#define SHAPE(variable, name, type, members)                                                       \
  static const settings_shape variable = { name, sizeof(type), members }

enum { YEAR = 31536000, LONGEST_ROW = 4000 /* nginx reads words of 4,096 bytes */ };
#define LONGEST_TTL 3153600000u

static const char *const cookie_words[] = { "none", "whitelist", "allExcept", "all", NULL };
static const char *const key_header_words[] = { "none", "whitelist", NULL };
static const char *const header_words[] = { "none",      "whitelist",
                                            "allViewer", "allViewerAndWhitelistCloudFront",
                                            "allExcept", NULL };
static const char *const protocols[] = { "allow-all", "redirect-to-https", "https-only", NULL };
static const char *const origin_protocols[] = { "http-only", "https-only", "match-viewer", NULL };
static const char *const methods[] = { "GET",  "HEAD",  "OPTIONS", "PUT",
                                       "POST", "PATCH", "DELETE",  NULL };
static const char *const cached[] = { "GET", "HEAD", "OPTIONS", NULL };
static const char *const cors_methods[] = { "GET",   "HEAD",   "OPTIONS", "PUT", "POST",
                                            "PATCH", "DELETE", "ALL",     NULL };
static const char *const event_types[] = { "viewer-request", "origin-request", "origin-response",
                                           "viewer-response", NULL };
static const char *const viewer_types[] = { "viewer-request", "viewer-response", NULL };
static const char *const frame_options[] = { "DENY", "SAMEORIGIN", NULL };
static const char *const referrers[] = { "no-referrer",
                                         "no-referrer-when-downgrade",
                                         "origin",
                                         "origin-when-cross-origin",
                                         "same-origin",
                                         "strict-origin",
                                         "strict-origin-when-cross-origin",
                                         "unsafe-url",
                                         NULL };
static const char *const no_effect[] = { " has no effect here", NULL };
static const char *const no_signatures[] = {
    " has no effect here: requests pass without a signature", NULL
};
static const char *const no_compression[] = {
    " has no effect here: responses are sent as the origin compressed them, or not", NULL
};
static const char *const no_timing[] = { " has no effect here: no Server-Timing is sent", NULL };
static const char *const no_block[] = { " has no effect here: nothing is blocked", NULL };
static const char *const no_encryption[] = { " has no effect here: fields stay as they are", NULL };
static const char *const old_key[] = { "name a policy in CachePolicyId", NULL };
static const char *const old_arn[] = {
    "list functions in FunctionAssociations and LambdaFunctionAssociations", NULL
};

/*--- policies ----------------------------------------------------------------------------------------------------------*/

static const settings_member key_cookies[] = {
    WORD("CookieBehavior", SETTINGS_WORD, true, settings_fields, behavior, cookie_words),
    MEMBER("Cookies", SETTINGS_LIST, settings_fields, names), END
};
SHAPE(cookies_config, "CookiesConfig", settings_fields, key_cookies);

static const settings_member key_headers[] = {
    WORD("HeaderBehavior", SETTINGS_WORD, true, settings_fields, behavior, key_header_words),
    MEMBER("Headers", SETTINGS_LIST, settings_fields, names), END
};
SHAPE(key_headers_config, "HeadersConfig", settings_fields, key_headers);

static const settings_member sent_headers[] = {
    WORD("HeaderBehavior", SETTINGS_WORD, true, settings_fields, behavior, header_words),
    MEMBER("Headers", SETTINGS_LIST, settings_fields, names), END
};
SHAPE(headers_config, "HeadersConfig", settings_fields, sent_headers);

static const settings_member key_query[] = {
    WORD("QueryStringBehavior", SETTINGS_WORD, true, settings_fields, behavior, cookie_words),
    MEMBER("QueryStrings", SETTINGS_LIST, settings_fields, names), END
};
SHAPE(query_config, "QueryStringsConfig", settings_fields, key_query);

static const settings_member key_members[] = {
    MEMBER("EnableAcceptEncodingBrotli", SETTINGS_BOOL, settings_key, brotli),
    MEMBER("EnableAcceptEncodingGzip", SETTINGS_BOOL, settings_key, gzip),
    SHAPED("HeadersConfig", SETTINGS_OBJECT, false, settings_key, headers, key_headers_config),
    SHAPED("CookiesConfig", SETTINGS_OBJECT, false, settings_key, cookies, cookies_config),
    SHAPED("QueryStringsConfig", SETTINGS_OBJECT, false, settings_key, query, query_config),
    END
};
SHAPE(key_shape, "ParametersInCacheKeyAndForwardedToOrigin", settings_key, key_members);

static const settings_member cache_members[] = {
    NEEDED("Name", SETTINGS_TEXT, settings_cache_policy, name),
    ANY("Comment"),
    NUMBER("MinTTL", settings_cache_policy, min, 0, LONGEST_TTL),
    NUMBER("DefaultTTL", settings_cache_policy, normal, 0, LONGEST_TTL),
    NUMBER("MaxTTL", settings_cache_policy, max, 0, LONGEST_TTL),
    SHAPED("ParametersInCacheKeyAndForwardedToOrigin", SETTINGS_OBJECT, false,
           settings_cache_policy, key, key_shape),
    END
};
SHAPE(cache_shape, "a cache policy", settings_cache_policy, cache_members);

static const settings_member request_members[] = {
    NEEDED("Name", SETTINGS_TEXT, settings_request_policy, name),
    ANY("Comment"),
    SHAPED("HeadersConfig", SETTINGS_OBJECT, false, settings_request_policy, headers,
           headers_config),
    SHAPED("CookiesConfig", SETTINGS_OBJECT, false, settings_request_policy, cookies,
           cookies_config),
    SHAPED("QueryStringsConfig", SETTINGS_OBJECT, false, settings_request_policy, query,
           query_config),
    END
};
SHAPE(request_shape, "an origin request policy", settings_request_policy, request_members);

static const settings_member cors_members[] = {
    NEEDED("AccessControlAllowOrigins", SETTINGS_LIST, settings_cors, origins),
    MEMBER("AccessControlAllowHeaders", SETTINGS_LIST, settings_cors, headers),
    WORD("AccessControlAllowMethods", SETTINGS_LIST, false, settings_cors, methods, cors_methods),
    MEMBER("AccessControlExposeHeaders", SETTINGS_LIST, settings_cors, expose),
    MEMBER("AccessControlAllowCredentials", SETTINGS_BOOL, settings_cors, credentials),
    NUMBER("AccessControlMaxAgeSec", settings_cors, max_age, 0, YEAR),
    MEMBER("OriginOverride", SETTINGS_BOOL, settings_cors, override),
    END
};
SHAPE(cors_shape, "CorsConfig", settings_cors, cors_members);

static const settings_member custom_header_members[] = {
    NEEDED("Header", SETTINGS_TEXT, settings_header, name),
    NEEDED("Value", SETTINGS_TEXT, settings_header, value),
    MEMBER("Override", SETTINGS_BOOL, settings_header, override), END
};
SHAPE(custom_header_shape, "a header of CustomHeadersConfig", settings_header,
      custom_header_members);
static const settings_member custom_headers_members[] = {
    SHAPED("Items", SETTINGS_OBJECTS, true, settings_items, items, custom_header_shape),
    ANY("Quantity"), END
};
SHAPE(custom_headers_shape, "CustomHeadersConfig", settings_items, custom_headers_members);

static const settings_member remove_members[] = {
    NEEDED("Header", SETTINGS_TEXT, settings_header, name), END
};
SHAPE(remove_shape, "a header of RemoveHeadersConfig", settings_header, remove_members);
static const settings_member removes_members[] = { SHAPED("Items", SETTINGS_OBJECTS, true,
                                                          settings_items, items, remove_shape),
                                                   ANY("Quantity"), END };
SHAPE(removes_shape, "RemoveHeadersConfig", settings_items, removes_members);

static const settings_member csp_members[] = {
    NEEDED("ContentSecurityPolicy", SETTINGS_TEXT, settings_header, value),
    MEMBER("Override", SETTINGS_BOOL, settings_header, override), END
};
SHAPE(csp_shape, "ContentSecurityPolicy", settings_header, csp_members);
static const settings_member nosniff_members[] = {
    MEMBER("Override", SETTINGS_BOOL, settings_header, override), END
};
SHAPE(nosniff_shape, "ContentTypeOptions", settings_header, nosniff_members);
static const settings_member frame_members[] = {
    WORD("FrameOption", SETTINGS_WORD, true, settings_header, value, frame_options),
    MEMBER("Override", SETTINGS_BOOL, settings_header, override), END
};
SHAPE(frame_shape, "FrameOptions", settings_header, frame_members);
static const settings_member referrer_members[] = {
    WORD("ReferrerPolicy", SETTINGS_WORD, true, settings_header, value, referrers),
    MEMBER("Override", SETTINGS_BOOL, settings_header, override), END
};
SHAPE(referrer_shape, "ReferrerPolicy", settings_header, referrer_members);
static const settings_member hsts_members[] = {
    { "AccessControlMaxAgeSec", SETTINGS_NUMBER, true, offsetof(settings_hsts, max_age), NULL, 0,
      LONGEST_TTL, NULL },
    MEMBER("IncludeSubdomains", SETTINGS_BOOL, settings_hsts, subdomains),
    MEMBER("Preload", SETTINGS_BOOL, settings_hsts, preload),
    MEMBER("Override", SETTINGS_BOOL, settings_hsts, override),
    END
};
SHAPE(hsts_shape, "StrictTransportSecurity", settings_hsts, hsts_members);
static const settings_member xss_members[] = {
    NEEDED("Protection", SETTINGS_BOOL, settings_xss, protection),
    MEMBER("ModeBlock", SETTINGS_BOOL, settings_xss, block),
    MEMBER("ReportUri", SETTINGS_TEXT, settings_xss, report),
    MEMBER("Override", SETTINGS_BOOL, settings_xss, override), END
};
SHAPE(xss_shape, "XSSProtection", settings_xss, xss_members);

static const settings_member security_members[] = {
    SHAPED("ContentSecurityPolicy", SETTINGS_OBJECT, false, settings_security, csp, csp_shape),
    SHAPED("ContentTypeOptions", SETTINGS_OBJECT, false, settings_security, nosniff, nosniff_shape),
    SHAPED("FrameOptions", SETTINGS_OBJECT, false, settings_security, frame, frame_shape),
    SHAPED("ReferrerPolicy", SETTINGS_OBJECT, false, settings_security, referrer, referrer_shape),
    SHAPED("StrictTransportSecurity", SETTINGS_OBJECT, false, settings_security, hsts, hsts_shape),
    SHAPED("XSSProtection", SETTINGS_OBJECT, false, settings_security, xss, xss_shape),
    END
};
SHAPE(security_shape, "SecurityHeadersConfig", settings_security, security_members);

static const settings_member response_members[] = {
    NEEDED("Name", SETTINGS_TEXT, settings_response_policy, name),
    ANY("Comment"),
    SHAPED("CorsConfig", SETTINGS_OBJECT, false, settings_response_policy, cors, cors_shape),
    SHAPED("CustomHeadersConfig", SETTINGS_OBJECT, false, settings_response_policy, custom,
           custom_headers_shape),
    SHAPED("RemoveHeadersConfig", SETTINGS_OBJECT, false, settings_response_policy, remove,
           removes_shape),
    SHAPED("SecurityHeadersConfig", SETTINGS_OBJECT, false, settings_response_policy, security,
           security_shape),
    LACKS("ServerTimingHeadersConfig", no_timing),
    END
};
SHAPE(response_shape, "a response headers policy", settings_response_policy, response_members);

/*--- origins, behaviours, the file ---------------------------------------------------------------------------------------*/

static const settings_member origin_header_members[] = {
    NEEDED("HeaderName", SETTINGS_TEXT, settings_header, name),
    NEEDED("HeaderValue", SETTINGS_TEXT, settings_header, value), END
};
SHAPE(origin_header_shape, "a header of OriginCustomHeaders", settings_header,
      origin_header_members);

static const settings_member custom_members[] = {
    NUMBER("HTTPPort", settings_custom, http_port, 1, 65535),
    NUMBER("HTTPSPort", settings_custom, https_port, 1, 65535),
    WORD("OriginProtocolPolicy", SETTINGS_WORD, true, settings_custom, protocol, origin_protocols),
    NUMBER("OriginReadTimeout", settings_custom, read_timeout, 1, 120),
    ANY("OriginKeepaliveTimeout"),
    ANY("OriginSSLProtocols"),
    ANY("IpAddressType"),
    END
};
SHAPE(custom_shape, "CustomOriginConfig", settings_custom, custom_members);
static const settings_member s3_members[] = { MEMBER("OriginAccessIdentity", SETTINGS_TEXT,
                                                     settings_s3, identity),
                                              ANY("OriginReadTimeout"), END };
SHAPE(s3_shape, "S3OriginConfig", settings_s3, s3_members);

static const settings_member origin_members[] = {
    NEEDED("Id", SETTINGS_TEXT, settings_origin, id),
    NEEDED("DomainName", SETTINGS_TEXT, settings_origin, domain),
    MEMBER("OriginPath", SETTINGS_TEXT, settings_origin, path),
    MEMBER("Address", SETTINGS_TEXT, settings_origin, address),
    MEMBER("Directory", SETTINGS_TEXT, settings_origin, directory),
    SHAPED("CustomOriginConfig", SETTINGS_OBJECT, false, settings_origin, custom, custom_shape),
    SHAPED("S3OriginConfig", SETTINGS_OBJECT, false, settings_origin, s3, s3_shape),
    SHAPED("OriginCustomHeaders", SETTINGS_OBJECTS, false, settings_origin, headers,
           origin_header_shape),
    ANY("ConnectionAttempts"),
    ANY("ConnectionTimeout"),
    ANY("ResponseCompletionTimeout"),
    ANY("OriginShield"),
    LACKS("OriginAccessControlId", no_effect),
    LACKS("VpcOriginConfig", no_effect),
    ANY("Comment"),
    END
};
SHAPE(origin_shape, "an origin", settings_origin, origin_members);

static const settings_member group_member_members[] = {
    NEEDED("OriginId", SETTINGS_TEXT, settings_group_member, origin), END
};
SHAPE(group_member_shape, "a member of an origin group", settings_group_member,
      group_member_members);
static const settings_member group_members[] = {
    NEEDED("Id", SETTINGS_TEXT, settings_group, id),
    SHAPED("Members", SETTINGS_OBJECTS, true, settings_group, members, group_member_shape),
    ANY("FailoverCriteria"), ANY("SelectionCriteria"), END
};
SHAPE(group_shape, "an origin group", settings_group, group_members);

static const settings_member function_members[] = {
    WORD("EventType", SETTINGS_WORD, true, settings_function, type, viewer_types),
    NEEDED("FunctionARN", SETTINGS_TEXT, settings_function, name), END
};
SHAPE(function_shape, "a function of FunctionAssociations", settings_function, function_members);
static const settings_member lambda_members[] = {
    WORD("EventType", SETTINGS_WORD, true, settings_function, type, event_types),
    NEEDED("LambdaFunctionARN", SETTINGS_TEXT, settings_function, name),
    MEMBER("IncludeBody", SETTINGS_BOOL, settings_function, include_body), END
};
SHAPE(lambda_shape, "a function of LambdaFunctionAssociations", settings_function, lambda_members);

#define BEHAVIOR_MEMBERS                                                                           \
  NEEDED("TargetOriginId", SETTINGS_TEXT, settings_behavior, origin),                              \
      WORD("ViewerProtocolPolicy", SETTINGS_WORD, true, settings_behavior, protocol, protocols),   \
      WORD("AllowedMethods", SETTINGS_LIST, false, settings_behavior, methods, methods),           \
      WORD("CachedMethods", SETTINGS_LIST, false, settings_behavior, cached, cached),              \
      NEEDED("CachePolicyId", SETTINGS_TEXT, settings_behavior, cache_id),                         \
      MEMBER("OriginRequestPolicyId", SETTINGS_TEXT, settings_behavior, request_id),               \
      MEMBER("ResponseHeadersPolicyId", SETTINGS_TEXT, settings_behavior, response_id),            \
      SHAPED("FunctionAssociations", SETTINGS_OBJECTS, false, settings_behavior, functions,        \
             function_shape),                                                                      \
      SHAPED("LambdaFunctionAssociations", SETTINGS_OBJECTS, false, settings_behavior, lambda,     \
             lambda_shape),                                                                        \
      ANY("Comment"), LACKS("Compress", no_compression), ANY("SmoothStreaming"),                   \
      ANY("RealtimeLogConfigArn"), LACKS("FieldLevelEncryptionId", no_encryption),                 \
      LACKS("TrustedSigners", no_signatures), LACKS("TrustedKeyGroups", no_signatures),            \
      LACKS("GrpcConfig", no_effect), INSTEAD("ForwardedValues", old_key),                         \
      INSTEAD("MinTTL", old_key), INSTEAD("DefaultTTL", old_key), INSTEAD("MaxTTL", old_key),      \
      INSTEAD("Functions", old_arn), END

static const settings_member normal_members[] = { BEHAVIOR_MEMBERS };
SHAPE(normal_shape, "DefaultCacheBehavior", settings_behavior, normal_members);
static const settings_member behavior_members[] = {
    NEEDED("PathPattern", SETTINGS_TEXT, settings_behavior, pattern), BEHAVIOR_MEMBERS
};
SHAPE(behavior_shape, "a cache behavior", settings_behavior, behavior_members);

static const settings_member error_members[] = {
    { "ErrorCode", SETTINGS_NUMBER, true, offsetof(settings_error, status), NULL, 400, 599, NULL },
    NUMBER("ResponseCode", settings_error, sent, 200, 599),
    MEMBER("ResponsePagePath", SETTINGS_TEXT, settings_error, page),
    NUMBER("ErrorCachingMinTTL", settings_error, ttl, 0, YEAR),
    END
};
SHAPE(error_shape, "a custom error response", settings_error, error_members);

static const settings_member file_members[] = {
    SHAPED("Origins", SETTINGS_OBJECTS, true, settings_model, origins, origin_shape),
    SHAPED("DefaultCacheBehavior", SETTINGS_OBJECT, true, settings_model, normal, normal_shape),
    SHAPED("CacheBehaviors", SETTINGS_OBJECTS, false, settings_model, behaviors, behavior_shape),
    SHAPED("CachePolicies", SETTINGS_OBJECTS, false, settings_model, cache, cache_shape),
    SHAPED("OriginRequestPolicies", SETTINGS_OBJECTS, false, settings_model, request,
           request_shape),
    SHAPED("ResponseHeadersPolicies", SETTINGS_OBJECTS, false, settings_model, response,
           response_shape),
    SHAPED("CustomErrorResponses", SETTINGS_OBJECTS, false, settings_model, errors, error_shape),
    MEMBER("DefaultRootObject", SETTINGS_TEXT, settings_model, root),
    MEMBER("Tables", SETTINGS_TABLES, settings_model, rows),
    MEMBER("ViewerCountry", SETTINGS_TEXT, settings_model, country),
    MEMBER("ViewerHeaders", SETTINGS_HEADERS, settings_model, added),
    ANY("Comment"),
    ANY("Enabled"),
    ANY("Aliases"),
    ANY("PriceClass"),
    ANY("HttpVersion"),
    ANY("IPV6Enabled"),
    ANY("Staging"),
    ANY("Logging"),
    ANY("ViewerCertificate"),
    ANY("CallerReference"),
    LACKS("Restrictions", no_block),
    LACKS("WebACLId", no_block),
    SHAPED("OriginGroups", SETTINGS_OBJECTS, false, settings_model, groups, group_shape),
    END
};
const settings_shape settings_file = { "the file", sizeof(settings_model), file_members };

static const settings_member managed_members[] = {
    SHAPED("CachePolicies", SETTINGS_OBJECTS, false, settings_model, cache, cache_shape),
    SHAPED("OriginRequestPolicies", SETTINGS_OBJECTS, false, settings_model, request,
           request_shape),
    SHAPED("ResponseHeadersPolicies", SETTINGS_OBJECTS, false, settings_model, response,
           response_shape),
    END
};
const settings_shape settings_managed = { "the managed policies", sizeof(settings_model),
                                          managed_members };

/*--- functions -----------------------------------------------------------------------------------------------------------*/

edgefn_str settings_function_file(edgefn_str resolved)
{
    size_t slash = resolved.len;

    while (slash > 0 && resolved.ptr[slash - 1] != '/')
        slash--;
    return edgefn_str_skip(resolved, slash);
}

edgefn_str settings_function_name(edgefn_str resolved)
{
    edgefn_str name = settings_function_file(resolved);

    for (size_t i = name.len; i > 1; i--)
        if (name.ptr[i - 1] == '.') return edgefn_str_take(name, i - 1);
    return name;
}

size_t settings_function_number(settings_reader *r, settings_model *m, edgefn_str written,
                                edgefn_str resolved, bool functions)
{
    bool kind = functions && !settings_is_c(resolved);

    for (size_t i = 0; i < m->function_count; i++)
        if (edgefn_str_eq(m->functions[i].resolved, resolved) && m->functions[i].functions == kind)
            return i + 1;
    settings_source *s = settings_push(r, (void **)&m->functions, &m->function_count, sizeof *s);
    if (s == NULL) return 0;
    *s = (settings_source){ written, resolved, kind };
    return m->function_count;
}

static bool is_recipe(edgefn_str name)
{
    for (size_t i = 0; i < cli_recipe_count; i++)
        if (edgefn_str_eq(name, edgefn_cstr(cli_recipes[i].name))) return true;
    return false;
}

/* A function's file: relative to the settings. Adds it to `to`. Returns: false after a message. */
static bool add_file(settings_reader *r, const settings_text *t, edgefn_str part, cli_bytes *to)
{
    size_t from = to->len;

    if (part.ptr[0] != '/') cli_add_z(to, r->base);
    cli_add(to, part.ptr, part.len);
    cli_add(to, "", 1);
    if (to->failed) return false;
    FILE *f = fopen(to->ptr + from, "rb");
    to->len--;
    if (f != NULL) fclose(f);
    if (f != NULL) return true;
    return settings_wrong(r, t->at, "no such file:", (edgefn_str){ to->ptr + from, to->len - from },
                          "");
}

static bool add_recipe(settings_reader *r, const settings_text *t, edgefn_str part, cli_bytes *to)
{
    const char *names[256];
    char more[200] =
        ": write a recipe's name (edgefn recipes lists them) or the name of a file (path/name.c)";
    size_t count = 0;

    if (is_recipe(part)) {
        cli_add(to, part.ptr, part.len);
        return true;
    }
    while (count < cli_recipe_count && count < 256) {
        names[count] = cli_recipes[count].name;
        count++;
    }
    const char *near = settings_near(part, names, count);
    if (near != NULL)
        snprintf(
            more, sizeof more,
            ": did you mean \"%s\"? A file of your own has a name with a dot: path/name.c, index.mjs",
            near);
    return settings_wrong(r, t->at, "no such recipe:", part, more);
}

/* A function is a recipe's name, a file, or a chain "a+b" of these. A file in another language has another ending: what builds it decides.
   Returns: its number; 0 after a message. */
static size_t function_of(settings_reader *r, settings_model *m, const settings_text *t,
                          bool functions)
{
    cli_bytes path = { 0 };
    bool good = true;
    edgefn_cut cut = { t->s, t->s, true };
    size_t number = 0;

    if (edgefn_str_starts(t->s, EDGEFN_S("arn:"))) {
        settings_wrong(r, t->at, "this function is in AWS:", t->s,
                       ": write the name of its file here, or of a recipe");
        return 0;
    }
    while (cut.found && good) {
        cut = edgefn_str_cut(cut.tail, EDGEFN_S("+"));
        edgefn_str part = edgefn_str_trim(cut.head);
        if (path.len > 0) cli_add_z(&path, "+");
        if (part.len == 0)
            good = settings_wrong(r, t->at, "no function:", t->s, "");
        else if (edgefn_str_contains(part, EDGEFN_S("."))
                 || edgefn_str_contains(part, EDGEFN_S("/")))
            good = add_file(r, t, part, &path);
        else
            good = add_recipe(r, t, part, &path);
    }
    char *copy = good && !path.failed ? settings_alloc(r, path.len + 1) : NULL;
    if (copy != NULL) {
        memcpy(copy, cli_str(&path).ptr, path.len);
        number = settings_function_number(r, m, t->s, (edgefn_str){ copy, path.len }, functions);
    }
    cli_free(&path);
    return number;
}

static edgefn_event_type type_of(edgefn_str name)
{
    int type = EDGEFN_VIEWER_REQUEST;

    while (type < EDGEFN_VIEWER_RESPONSE
           && !edgefn_str_eq(name, edgefn_cstr(event_types[type - EDGEFN_VIEWER_REQUEST])))
        type++;
    return (edgefn_event_type)type;
}

static bool settle_functions(settings_reader *r, settings_model *m, settings_behavior *b,
                             bool lambda)
{
    settings_objects *list = lambda ? &b->lambda : &b->functions;
    settings_function *f = list->items;
    bool good = true;

    for (size_t i = 0; i < list->len; i++) {
        settings_trigger *t = &b->triggers[type_of(f[i].type.s)];
        if (t->function != 0) {
            good = settings_wrong(r, f[i].type.at, "a second function at", f[i].type.s,
                                  ": an event type can have one");
            continue;
        }
        t->function = function_of(r, m, &f[i].name, !lambda);
        t->functions = !lambda;
        t->include_body = f[i].include_body.value;
        if (t->include_body && edgefn_str_ends(f[i].type.s, EDGEFN_S("response")))
            good = settings_wrong(r, f[i].include_body.at, "", EDGEFN_S("IncludeBody"),
                                  " is only for viewer-request and origin-request");
        good = good && t->function != 0;
    }
    return good;
}

/*--- patterns ------------------------------------------------------------------------------------------------------------*/

static bool settle_pattern(settings_reader *r, const settings_text *pattern)
{
    static const char others[] = "_-.*$/~\"'@:+&?";
    edgefn_str s = pattern->s;

    if (s.len == 0 || s.len > 255)
        return settings_wrong(r, pattern->at, "", EDGEFN_S("PathPattern"),
                              " must have 1 to 255 characters");
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i], low = (char)(c | 0x20);
        if ((low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || strchr(others, c) != NULL)
            continue;
        return settings_wrong(r, pattern->at, "a path pattern cannot have this character:",
                              edgefn_str_take(edgefn_str_skip(s, i), 1),
                              ": it may have letters, digits and _ - . * $ / ~ \" ' @ : + & ?");
    }
    return true;
}

/*--- references ----------------------------------------------------------------------------------------------------------*/

/* A list of named things, for a message: the text that names one is at the same offset in each. */
typedef struct named {
    const settings_objects *list;
    size_t size, offset;
} named;

static const settings_text *name_of(const named *n, size_t i)
{
    return (const settings_text *)((const char *)n->list->items + i * n->size + n->offset);
}

/* Returns: the thing of that name; NULL if there is none. */
static void *find(const named *n, edgefn_str name)
{
    for (size_t i = 0; i < n->list->len; i++)
        if (edgefn_str_eq(name_of(n, i)->s, name)) return (char *)n->list->items + i * n->size;
    return NULL;
}

static void add_names(char *to, size_t cap, const named *n)
{
    size_t len = strlen(to);

    for (size_t i = 0; i < n->list->len && len + 100 < cap; i++) {
        edgefn_str name = edgefn_str_take(name_of(n, i)->s, 60);
        len += (size_t)snprintf(to + len, cap - len, "%s\"%.*s\"", i > 0 ? ", " : "",
                                EDGEFN_FMT(name));
    }
}

/* managed: AWS's list of them, or NULL. */
static bool unknown_reference(settings_reader *r, const char *what, const settings_text *t,
                              const named *n, const named *managed)
{
    char more[1200] = ": this file has ";
    const named *lists[2] = { n, managed };
    edgefn_str near = EDGEFN_ABSENT;
    size_t best = t->s.len / 3 + 1;

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; lists[k] != NULL && i < lists[k]->list->len; i++) {
            size_t d = settings_distance(t->s, name_of(lists[k], i)->s);
            if (d > best) continue;
            best = d;
            near = name_of(lists[k], i)->s;
        }
    if (near.ptr != NULL) {
        snprintf(more, sizeof more, ": did you mean \"%.*s\"?", EDGEFN_FMT(near));
        return settings_wrong(r, t->at, what, t->s, more);
    }
    if (n->list->len == 0)
        strcat(more, "none");
    else
        add_names(more, sizeof more / 2, n);
    if (managed != NULL) {
        strcat(more, ", AWS has ");
        add_names(more, sizeof more, managed);
    }
    return settings_wrong(r, t->at, what, t->s, more);
}

/* Finds a policy by name, also among those that AWS manages. Returns: NULL after a message. */
static void *policy(settings_reader *r, const char *what, const settings_text *t, const named *own,
                    const settings_objects *managed)
{
    named aws = { managed, own->size, own->offset };
    void *found = find(own, t->s);

    if (found == NULL) found = find(&aws, settings_managed_name(t->s));
    if (found == NULL) unknown_reference(r, what, t, own, &aws);
    return found;
}

static bool unique(settings_reader *r, const named *n, const char *what)
{
    bool good = true;

    for (size_t i = 0; i < n->list->len; i++)
        if (find(n, name_of(n, i)->s) != (const char *)n->list->items + i * n->size)
            good = settings_wrong(r, name_of(n, i)->at, what, name_of(n, i)->s, "");
    return good;
}

#define NAMED(list, type, member)                                                                  \
  (named)                                                                                          \
  {                                                                                                \
    list, sizeof(type), offsetof(type, member)                                                     \
  }

static bool settle_policies(settings_reader *r, settings_model *m, settings_behavior *b)
{
    named cache = NAMED(&m->cache, settings_cache_policy, name),
          request = NAMED(&m->request, settings_request_policy, name),
          response = NAMED(&m->response, settings_response_policy, name);

    b->cache = policy(r, "no such cache policy:", &b->cache_id, &cache, &m->managed->cache);
    if (b->request_id.s.ptr != NULL)
        b->request = policy(r, "no such origin request policy:", &b->request_id, &request,
                            &m->managed->request);
    if (b->response_id.s.ptr != NULL)
        b->response = policy(r, "no such response headers policy:", &b->response_id, &response,
                             &m->managed->response);
    return b->cache != NULL && (b->request != NULL || b->request_id.s.ptr == NULL)
           && (b->response != NULL || b->response_id.s.ptr == NULL);
}

/* AWS allows three sets of methods. */
static bool settle_methods(settings_reader *r, const settings_behavior *b)
{
    size_t n = b->methods.len;
    unsigned seen = 0;

    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; methods[k] != NULL; k++)
            if (edgefn_str_eq(b->methods.items[i].s, edgefn_cstr(methods[k]))) seen |= 1u << k;
    if (n == 0 || seen == 3 || seen == 7 || seen == 127) return true;
    return settings_wrong(
        r, b->methods.items[0].at, "", EDGEFN_S("AllowedMethods"),
        " must be [\"GET\", \"HEAD\"], or these and \"OPTIONS\", or all seven: GET, HEAD, OPTIONS, PUT, POST, PATCH and DELETE");
}

/* Returns: the origin that stands for an origin group, because the desk has no failover; NULL if there is no such group. */
static const settings_origin *first_of_group(settings_reader *r, settings_model *m,
                                             const settings_text *id)
{
    named origins = NAMED(&m->origins, settings_origin, id);
    named groups = NAMED(&m->groups, settings_group, id);
    const settings_group *g = find(&groups, id->s);

    if (g == NULL || g->members.len == 0) return NULL;
    const settings_group_member *first = g->members.items;
    const settings_origin *o = find(&origins, first->origin.s);
    if (o != NULL)
        settings_note(r, id->at, "an origin group is its first origin here, without failover:",
                      first->origin.s, "");
    return o;
}

static bool settle_groups(settings_reader *r, settings_model *m)
{
    named origins = NAMED(&m->origins, settings_origin, id);
    const settings_group *g = m->groups.items;
    bool good = true;

    for (size_t i = 0; i < m->groups.len; i++) {
        const settings_group_member *member = g[i].members.items;
        if (g[i].members.len != 2)
            good = settings_wrong(r, g[i].at, "an origin group has two Members", EDGEFN_ABSENT, "");
        for (size_t k = 0; k < g[i].members.len; k++)
            if (member[k].origin.s.ptr != NULL && find(&origins, member[k].origin.s) == NULL)
                good = unknown_reference(r, "no such origin:", &member[k].origin, &origins, NULL);
    }
    return good;
}

static bool settle_behavior(settings_reader *r, settings_model *m, settings_behavior *b)
{
    named origins = NAMED(&m->origins, settings_origin, id);
    const settings_trigger *in = &b->triggers[EDGEFN_VIEWER_REQUEST],
                           *out = &b->triggers[EDGEFN_VIEWER_RESPONSE];
    bool good = b->pattern.s.ptr == NULL || settle_pattern(r, &b->pattern);

    b->to = find(&origins, b->origin.s);
    if (b->to == NULL) b->to = first_of_group(r, m, &b->origin);
    if (b->to == NULL && b->origin.s.ptr != NULL)
        good = unknown_reference(r, "no such origin:", &b->origin, &origins, NULL);
    good = settle_policies(r, m, b) && good;
    good = settle_methods(r, b) && good;
    good = settle_functions(r, m, b, true) && good;
    good = settle_functions(r, m, b, false) && good;
    for (size_t i = 0; i < b->cached.len; i++)
        if (edgefn_str_eq(b->cached.items[i].s, EDGEFN_S("OPTIONS")))
            settings_note(r, b->cached.items[i].at, "", EDGEFN_S("OPTIONS"), " is not cached here");
    if (in->function == 0 || out->function == 0 || in->functions == out->functions) return good;
    const settings_function *f = b->functions.items;
    return settings_wrong(r, f[0].at,
                          "CloudFront Functions at one viewer event and Lambda@Edge at the other",
                          EDGEFN_ABSENT, ": one cache behavior cannot have both");
}

/*--- policies and origins ------------------------------------------------------------------------------------------------*/

static bool settle_names(settings_reader *r, const settings_fields *f, const char *names)
{
    char needs[40];
    bool listed = edgefn_str_eq(f->behavior.s, EDGEFN_S("whitelist"))
                  || edgefn_str_eq(f->behavior.s, EDGEFN_S("allExcept"))
                  || edgefn_str_eq(f->behavior.s, EDGEFN_S("allViewerAndWhitelistCloudFront"));
    bool good = true;

    if (f->behavior.s.ptr == NULL) return true;
    if (listed && f->names.len == 0) {
        snprintf(needs, sizeof needs, " needs \"%s\"", names);
        return settings_wrong(r, f->at, "", f->behavior.s, needs);
    }
    if (!listed && f->names.len > 0)
        return settings_wrong(r, f->names.items[0].at, "", f->behavior.s, " takes no names");
    for (size_t i = 0; i < f->names.len; i++) {
        edgefn_str s = f->names.items[i].s;
        bool plain = s.len > 0;
        for (size_t k = 0; k < s.len; k++)
            plain = plain && strchr(" \t;,&=\"", s.ptr[k]) == NULL;
        if (!plain) good = settings_wrong(r, f->names.items[i].at, "not a name:", s, "");
    }
    return good;
}

static bool settle_cache(settings_reader *r, settings_cache_policy *p)
{
    bool good = settle_names(r, &p->key.headers, "Headers")
                && settle_names(r, &p->key.cookies, "Cookies")
                && settle_names(r, &p->key.query, "QueryStrings");
    uint64_t least = p->min.value;

    if (p->normal.at == NULL) p->normal.value = 86400 > least ? 86400 : least;
    if (p->max.at == NULL) p->max.value = YEAR > p->normal.value ? YEAR : p->normal.value;
    if (p->normal.at == NULL && p->normal.value > p->max.value) p->normal.value = p->max.value;
    if (p->normal.value < least)
        return settings_wrong(r, p->normal.at, "", EDGEFN_S("DefaultTTL"), " is less than MinTTL");
    if (p->max.value < least || p->max.value < p->normal.value)
        return settings_wrong(r, p->max.at != NULL ? p->max.at : p->at, "", EDGEFN_S("MaxTTL"),
                              " is less than MinTTL or DefaultTTL");
    return good;
}

/* "localhost", or a name with a dot. */
static bool is_domain(edgefn_str s)
{
    bool good =
        s.len <= 253
        && (edgefn_str_contains(s, EDGEFN_S(".")) || edgefn_str_eq(s, EDGEFN_S("localhost")));

    for (size_t i = 0; i < s.len && good; i++) {
        char low = (char)(s.ptr[i] | 0x20);
        good = (low >= 'a' && low <= 'z') || strchr("0123456789.-_", s.ptr[i]) != NULL;
    }
    return good;
}

static bool settle_paths(settings_reader *r, const settings_origin *o)
{
    edgefn_str path = o->path.s, address = o->address.s;
    bool good = path.len == 0
                || (path.ptr[0] == '/' && path.ptr[path.len - 1] != '/'
                    && !edgefn_str_contains(path, EDGEFN_S(" ")));

    if (!good)
        settings_wrong(r, o->path.at, "", EDGEFN_S("OriginPath"),
                       " must begin with '/' and not end with it");
    if (!edgefn_str_contains(address, EDGEFN_S("/"))
        || edgefn_str_starts(address, EDGEFN_S("unix:")))
        return good;
    return settings_wrong(
        r, o->address.at, "not an address:", address,
        ": write \"127.0.0.1:3000\", \"unix:/path\", or \"desk\" for the pages that the desk makes");
}

static bool settle_origin(settings_reader *r, const settings_origin *o)
{
    bool good = settle_paths(r, o);

    if (o->domain.s.ptr != NULL && !is_domain(o->domain.s))
        good = settings_wrong(
            r, o->domain.at, "not a domain name:", o->domain.s,
            ": write \"www.example.com\", without https:// and port; where it is found on this machine is \"Address\"");
    if (o->custom.at != NULL && o->s3.at != NULL)
        good = settings_wrong(r, o->s3.at,
                              "an origin has CustomOriginConfig or S3OriginConfig, not both",
                              EDGEFN_ABSENT, "");
    if (o->address.s.ptr != NULL && o->directory.s.ptr != NULL)
        good = settings_wrong(r, o->directory.at, "an origin has Address or Directory, not both",
                              EDGEFN_ABSENT, "");
    if (edgefn_str_eq(o->custom.protocol.s, EDGEFN_S("match-viewer")))
        settings_note(r, o->custom.protocol.at, "", EDGEFN_S("match-viewer"), " is http-only here");
    return good;
}

/* Files are relative to the settings. */
static bool settle_path(settings_reader *r, settings_text *t)
{
    if (t->s.ptr == NULL || t->s.len == 0 || t->s.ptr[0] == '/' || r->base[0] == '\0') return true;
    size_t base = strlen(r->base);
    char *path = settings_alloc(r, base + t->s.len + 1);
    if (path == NULL) return false;
    memcpy(path, r->base, base);
    memcpy(path + base, t->s.ptr, t->s.len);
    t->s = (edgefn_str){ path, base + t->s.len };
    return true;
}

static bool settle_country(settings_reader *r, const settings_model *m)
{
    edgefn_str s = m->country.s;

    if (s.ptr == NULL
        || (s.len == 2 && s.ptr[0] >= 'A' && s.ptr[0] <= 'Z' && s.ptr[1] >= 'A' && s.ptr[1] <= 'Z'))
        return true;
    return settings_wrong(r, m->country.at, "", EDGEFN_S("ViewerCountry"),
                          " must be two capital letters, such as \"DE\"");
}

static bool settle_errors(settings_reader *r, const settings_model *m)
{
    const settings_error *e = m->errors.items;
    bool good = true;

    for (size_t i = 0; i < m->errors.len; i++) {
        if (e[i].page.s.ptr != NULL && (e[i].page.s.len < 2 || e[i].page.s.ptr[0] != '/'))
            good = settings_wrong(r, e[i].page.at, "", EDGEFN_S("ResponsePagePath"),
                                  " must begin with '/'");
        if ((e[i].page.s.ptr == NULL) != (e[i].sent.at == NULL))
            good = settings_wrong(r, e[i].at, "ResponseCode and ResponsePagePath belong together",
                                  EDGEFN_ABSENT, "");
        for (size_t k = 0; k < i; k++)
            if (e[k].status.value == e[i].status.value)
                good = settings_wrong(r, e[i].status.at,
                                      "a second custom error response for this ErrorCode",
                                      EDGEFN_ABSENT, "");
    }
    return good;
}

bool settings_settle_policies(settings_reader *r, settings_model *m)
{
    bool good = true;

    for (size_t i = 0; i < m->cache.len; i++)
        good = settle_cache(r, (settings_cache_policy *)m->cache.items + i) && good;
    for (size_t i = 0; i < m->request.len; i++) {
        settings_request_policy *p = (settings_request_policy *)m->request.items + i;
        good = settle_names(r, &p->headers, "Headers") && settle_names(r, &p->cookies, "Cookies")
               && settle_names(r, &p->query, "QueryStrings") && good;
    }
    return good;
}

static bool settle_lists(settings_reader *r, settings_model *m)
{
    const struct {
        named list;
        const char *what;
    } lists[] = {
        { NAMED(&m->origins, settings_origin, id), "a second origin with the Id" },
        { NAMED(&m->cache, settings_cache_policy, name), "a second cache policy with the Name" },
        { NAMED(&m->request, settings_request_policy, name),
          "a second origin request policy with the Name" },
        { NAMED(&m->response, settings_response_policy, name),
          "a second response headers policy with the Name" },
        { NAMED(&m->behaviors, settings_behavior, pattern),
          "a second cache behavior with the PathPattern" },
    };
    bool good = settings_settle_policies(r, m);
    good = settle_groups(r, m) && good;

    for (size_t i = 0; i < m->origins.len; i++) {
        settings_origin *o = (settings_origin *)m->origins.items + i;
        good = settle_origin(r, o) && settle_path(r, &o->directory) && good;
    }
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        good = unique(r, &lists[i].list, lists[i].what) && good;
    return good;
}

bool settings_settle(settings_reader *r, settings_model *m)
{
    settings_row *rows = m->rows.items;
    bool good = settle_lists(r, m);

    good = settle_country(r, m) && settle_errors(r, m) && good;
    if (edgefn_str_contains(m->root.s, EDGEFN_S("/")))
        good = settings_wrong(r, m->root.at, "", EDGEFN_S("DefaultRootObject"),
                              " is a name without '/': \"index.html\"");
    for (size_t i = 0; i < m->rows.len; i++) {
        bool file = edgefn_str_eq(rows[i].table.s, EDGEFN_S("jwks"))
                    && !edgefn_str_starts(rows[i].value.s, EDGEFN_S("{"));
        if (file) good = settle_path(r, &rows[i].value) && good;
        if (rows[i].key.s.len + rows[i].value.s.len > LONGEST_ROW)
            good = settings_wrong(r, rows[i].key.at,
                                  "key and value are longer than 4,000 bytes:", rows[i].key.s, "");
    }
    good = settle_behavior(r, m, &m->normal) && good;
    for (size_t i = 0; i < m->behaviors.len; i++)
        good = settle_behavior(r, m, (settings_behavior *)m->behaviors.items + i) && good;
    return good && !r->out_of_memory;
}
