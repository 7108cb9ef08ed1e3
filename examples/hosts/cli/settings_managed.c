/* settings_managed.c - the policies that AWS manages, with the names and ids of its documentation. */
#include "settings.h"

const char settings_managed_text[] =
    "{\"CachePolicies\": ["
    "{\"Name\": \"Amplify\", \"MinTTL\": 2, \"DefaultTTL\": 2, \"MaxTTL\": 600, \"ParametersInCacheKeyAndForwardedToOrigin\": {"
    "\"EnableAcceptEncodingGzip\": true, \"EnableAcceptEncodingBrotli\": true, \"CookiesConfig\": {\"CookieBehavior\": \"all\"},"
    "\"HeadersConfig\": {\"HeaderBehavior\": \"whitelist\", \"Headers\": [\"Authorization\", \"CloudFront-Viewer-Country\", \"Host\"]},"
    "\"QueryStringsConfig\": {\"QueryStringBehavior\": \"all\"}}},"
    "{\"Name\": \"CachingDisabled\", \"MinTTL\": 0, \"DefaultTTL\": 0, \"MaxTTL\": 0},"
    "{\"Name\": \"CachingOptimized\", \"MinTTL\": 1, \"DefaultTTL\": 86400, \"MaxTTL\": 31536000, \"ParametersInCacheKeyAndForwardedToOrigin\": {"
    "\"EnableAcceptEncodingGzip\": true, \"EnableAcceptEncodingBrotli\": true}},"
    "{\"Name\": \"CachingOptimizedForUncompressedObjects\", \"MinTTL\": 1, \"DefaultTTL\": 86400, \"MaxTTL\": 31536000},"
    "{\"Name\": \"Elemental-MediaPackage\", \"MinTTL\": 0, \"DefaultTTL\": 86400, \"MaxTTL\": 31536000, \"ParametersInCacheKeyAndForwardedToOrigin\": {"
    "\"EnableAcceptEncodingGzip\": true, \"HeadersConfig\": {\"HeaderBehavior\": \"whitelist\", \"Headers\": [\"Origin\"]},"
    "\"QueryStringsConfig\": {\"QueryStringBehavior\": \"whitelist\", \"QueryStrings\": [\"aws.manifestfilter\", \"start\", \"end\", \"m\"]}}},"
    "{\"Name\": \"UseOriginCacheControlHeaders\", \"MinTTL\": 0, \"DefaultTTL\": 0, \"MaxTTL\": 31536000, \"ParametersInCacheKeyAndForwardedToOrigin\": {"
    "\"EnableAcceptEncodingGzip\": true, \"EnableAcceptEncodingBrotli\": true, \"CookiesConfig\": {\"CookieBehavior\": \"all\"},"
    "\"HeadersConfig\": {\"HeaderBehavior\": \"whitelist\", \"Headers\": [\"Host\", \"Origin\", \"X-HTTP-Method-Override\", \"X-HTTP-Method\", \"X-Method-Override\"]}}},"
    "{\"Name\": \"UseOriginCacheControlHeaders-QueryStrings\", \"MinTTL\": 0, \"DefaultTTL\": 0, \"MaxTTL\": 31536000,"
    "\"ParametersInCacheKeyAndForwardedToOrigin\": {\"EnableAcceptEncodingGzip\": true, \"EnableAcceptEncodingBrotli\": true,"
    "\"CookiesConfig\": {\"CookieBehavior\": \"all\"}, \"QueryStringsConfig\": {\"QueryStringBehavior\": \"all\"},"
    "\"HeadersConfig\": {\"HeaderBehavior\": \"whitelist\", \"Headers\": [\"Host\", \"Origin\", \"X-HTTP-Method-Override\", \"X-HTTP-Method\", \"X-Method-Override\"]}}}"
    "], \"OriginRequestPolicies\": ["
    "{\"Name\": \"AllViewer\", \"HeadersConfig\": {\"HeaderBehavior\": \"allViewer\"}, \"CookiesConfig\": {\"CookieBehavior\": \"all\"},"
    "\"QueryStringsConfig\": {\"QueryStringBehavior\": \"all\"}},"
    "{\"Name\": \"AllViewerAndCloudFrontHeaders-2022-06\", \"HeadersConfig\": {\"HeaderBehavior\": \"allViewerAndWhitelistCloudFront\", \"Headers\": ["
    "\"CloudFront-Forwarded-Proto\", \"CloudFront-Is-Android-Viewer\", \"CloudFront-Is-Desktop-Viewer\", \"CloudFront-Is-IOS-Viewer\","
    "\"CloudFront-Is-Mobile-Viewer\", \"CloudFront-Is-SmartTV-Viewer\", \"CloudFront-Is-Tablet-Viewer\", \"CloudFront-Viewer-Address\","
    "\"CloudFront-Viewer-ASN\", \"CloudFront-Viewer-City\", \"CloudFront-Viewer-Country\", \"CloudFront-Viewer-Country-Name\","
    "\"CloudFront-Viewer-Country-Region\", \"CloudFront-Viewer-Country-Region-Name\", \"CloudFront-Viewer-Http-Version\","
    "\"CloudFront-Viewer-Latitude\", \"CloudFront-Viewer-Longitude\", \"CloudFront-Viewer-Metro-Code\", \"CloudFront-Viewer-Postal-Code\","
    "\"CloudFront-Viewer-Time-Zone\", \"CloudFront-Viewer-TLS\"]}, \"CookiesConfig\": {\"CookieBehavior\": \"all\"},"
    "\"QueryStringsConfig\": {\"QueryStringBehavior\": \"all\"}},"
    "{\"Name\": \"AllViewerExceptHostHeader\", \"HeadersConfig\": {\"HeaderBehavior\": \"allExcept\", \"Headers\": [\"Host\"]},"
    "\"CookiesConfig\": {\"CookieBehavior\": \"all\"}, \"QueryStringsConfig\": {\"QueryStringBehavior\": \"all\"}},"
    "{\"Name\": \"CORS-CustomOrigin\", \"HeadersConfig\": {\"HeaderBehavior\": \"whitelist\", \"Headers\": [\"Origin\"]}},"
    "{\"Name\": \"CORS-S3Origin\", \"HeadersConfig\": {\"HeaderBehavior\": \"whitelist\","
    "\"Headers\": [\"Origin\", \"Access-Control-Request-Headers\", \"Access-Control-Request-Method\"]}},"
    "{\"Name\": \"Elemental-MediaTailor-PersonalizedManifests\", \"HeadersConfig\": {\"HeaderBehavior\": \"whitelist\","
    "\"Headers\": [\"Origin\", \"Access-Control-Request-Headers\", \"Access-Control-Request-Method\", \"User-Agent\", \"X-Forwarded-For\"]},"
    "\"QueryStringsConfig\": {\"QueryStringBehavior\": \"all\"}},"
    "{\"Name\": \"HostHeaderOnly\", \"HeadersConfig\": {\"HeaderBehavior\": \"whitelist\", \"Headers\": [\"Host\"]}},"
    "{\"Name\": \"UserAgentRefererHeaders\", \"HeadersConfig\": {\"HeaderBehavior\": \"whitelist\", \"Headers\": [\"User-Agent\", \"Referer\"]}}"
    "], \"ResponseHeadersPolicies\": ["
    "{\"Name\": \"SimpleCORS\", \"CorsConfig\": {\"AccessControlAllowOrigins\": [\"*\"]}},"
    "{\"Name\": \"CORS-With-Preflight\", \"CorsConfig\": {\"AccessControlAllowOrigins\": [\"*\"], \"AccessControlExposeHeaders\": [\"*\"],"
    "\"AccessControlAllowMethods\": [\"DELETE\", \"GET\", \"HEAD\", \"OPTIONS\", \"PATCH\", \"POST\", \"PUT\"]}},"
#define SECURITY                                                                                    \
  "\"SecurityHeadersConfig\": {\"ContentTypeOptions\": {\"Override\": true},"                       \
  "\"FrameOptions\": {\"FrameOption\": \"SAMEORIGIN\"}, \"ReferrerPolicy\": {\"ReferrerPolicy\":"   \
  "\"strict-origin-when-cross-origin\"}, \"StrictTransportSecurity\": {\"AccessControlMaxAgeSec\":" \
  "31536000}, \"XSSProtection\": {\"Protection\": true, \"ModeBlock\": true}}}"
    "{\"Name\": \"SecurityHeadersPolicy\", " SECURITY ","
    "{\"Name\": \"CORS-and-SecurityHeadersPolicy\", \"CorsConfig\": {\"AccessControlAllowOrigins\": [\"*\"]}, " SECURITY
    ","
    "{\"Name\": \"CORS-with-preflight-and-SecurityHeadersPolicy\", \"CorsConfig\": {\"AccessControlAllowOrigins\": [\"*\"],"
    "\"AccessControlExposeHeaders\": [\"*\"], \"AccessControlAllowMethods\": [\"DELETE\", \"GET\", \"HEAD\", \"OPTIONS\", \"PATCH\", \"POST\", \"PUT\"]}, " SECURITY
    "]}";

edgefn_str settings_managed_name(edgefn_str id)
{
    static const struct {
        edgefn_str id, name;
    } ids[] = {
#define ID(id, name) { EDGEFN_S_INIT(id), EDGEFN_S_INIT(name) }
        ID("2e54312d-136d-493c-8eb9-b001f22f67d2", "Amplify"),
        ID("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "CachingDisabled"),
        ID("658327ea-f89d-4fab-a63d-7e88639e58f6", "CachingOptimized"),
        ID("b2884449-e4de-46a7-ac36-70bc7f1ddd6d", "CachingOptimizedForUncompressedObjects"),
        ID("08627262-05a9-4f76-9ded-b50ca2e3a84f", "Elemental-MediaPackage"),
        ID("83da9c7e-98b4-4e11-a168-04f0df8e2c65", "UseOriginCacheControlHeaders"),
        ID("4cc15a8a-d715-48a4-82b8-cc0b614638fe", "UseOriginCacheControlHeaders-QueryStrings"),
        ID("216adef6-5c7f-47e4-b989-5492eafa07d3", "AllViewer"),
        ID("33f36d7e-f396-46d9-90e0-52428a34d9dc", "AllViewerAndCloudFrontHeaders-2022-06"),
        ID("b689b0a8-53d0-40ab-baf2-68738e2966ac", "AllViewerExceptHostHeader"),
        ID("59781a5b-3903-41f3-afcb-af62929ccde1", "CORS-CustomOrigin"),
        ID("88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", "CORS-S3Origin"),
        ID("775133bc-15f2-49f9-abea-afb2e0bf67d2", "Elemental-MediaTailor-PersonalizedManifests"),
        ID("bf0718e1-ba1e-49d1-88b1-f726733018ae", "HostHeaderOnly"),
        ID("acba4595-bd28-49b8-b9fe-13317c0390fa", "UserAgentRefererHeaders"),
        ID("60669652-455b-4ae9-85a4-c4c02393f86c", "SimpleCORS"),
        ID("5cc3b908-e619-4b99-88e5-2cf7f45965bd", "CORS-With-Preflight"),
        ID("67f7725c-6f97-4210-82d7-5512b31e9d03", "SecurityHeadersPolicy"),
        ID("e61eb60c-9c35-4d20-a928-2b84e02af89c", "CORS-and-SecurityHeadersPolicy"),
        ID("eaab4381-ed33-4a86-88ca-d9558dc6cd63", "CORS-with-preflight-and-SecurityHeadersPolicy"),
    };

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (edgefn_str_ieq(id, ids[i].id)) return ids[i].name;
    return id;
}
