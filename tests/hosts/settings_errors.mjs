// settings_errors.mjs - what `edgefn settings` says about wrong settings: file, line, what is allowed. tests/test_settings.sh starts this in the top directory:
//     node tests/hosts/settings_errors.mjs DIRECTORY      for what is written
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { printCounts, test } from './count.mjs';

const directory = resolve(process.argv[2]), file = `${directory}/edge.json`;
writeFileSync(`${directory}/own.c`, '/* own.c - nothing */\n');
const good = `{
  "Origins": [
    { "Id": "site", "DomainName": "www.example.com", "OriginPath": "/v1", "Address": "desk" },
    { "Id": "files", "DomainName": "files.s3.amazonaws.com", "S3OriginConfig": {}, "Directory": "public" }
  ],
  "DefaultCacheBehavior": {
    "TargetOriginId": "site",
    "ViewerProtocolPolicy": "allow-all",
    "AllowedMethods": ["GET", "HEAD"],
    "CachePolicyId": "mine",
    "OriginRequestPolicyId": "AllViewer",
    "ResponseHeadersPolicyId": "headers",
    "LambdaFunctionAssociations": [
      { "EventType": "origin-response", "LambdaFunctionARN": "own.c" },
      { "EventType": "viewer-request", "LambdaFunctionARN": "redirect_map", "IncludeBody": true }
    ]
  },
  "CacheBehaviors": [
    { "PathPattern": "/a/*", "TargetOriginId": "site", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "CachingOptimized" },
    { "PathPattern": "/b/*", "TargetOriginId": "files", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "CachingOptimized" }
  ],
  "CachePolicies": [
    { "Name": "mine", "MinTTL": 1, "DefaultTTL": 2, "MaxTTL": 3,
      "ParametersInCacheKeyAndForwardedToOrigin": {
        "HeadersConfig": { "HeaderBehavior": "whitelist", "Headers": ["Host"] },
        "CookiesConfig": { "CookieBehavior": "none" }
      }
    }
  ],
  "ResponseHeadersPolicies": [
    { "Name": "headers", "CustomHeadersConfig": { "Items": [{ "Header": "X-A", "Value": "1", "Override": true }] } }
  ],
  "CustomErrorResponses": [{ "ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/404.html" }],
  "DefaultRootObject": "index.html",
  "Tables": { "kv": { "a": "b" } },
  "ViewerCountry": "DE"
}
`;
const settings = (text, ...options) => {
  writeFileSync(file, text);
  return spawnSync('build/edgefn', ['settings', file, ...options], { encoding: 'utf8' });
};
await test('good settings', () => {
  const { status, stderr, stdout } = settings(good, '--check');
  assert.deepEqual([status, stderr, stdout], [0, '', '']);
});

// [text, what stands there instead, the line, what is said]
const wrong = [
  // JSON
  ['"Id": "site",', '"Id": "site"', 3, /unexpected character/],
  ['"ViewerCountry": "DE"\n}', '"ViewerCountry": "DE"\n', 38, /the input ends/],
  ['"b" }', '"\\x" }', 35, /bad escape/],
  [/^\{/, '[{', 38, /the input ends/],
  [good, '[]\n', 1, '"the file" must be an object: {...}'],
  [good, '\n', 2, /the input ends/],
  // names
  ['"Origins"', '"Orgins"', 2, 'the file has no "Orgins": did you mean "Origins"?'],
  ['"DomainName": "www', '"Domain": "www', 3, 'an origin has no "Domain": did you mean "DomainName"?'],
  ['"ViewerProtocolPolicy": "allow-all"', '"viewerProtocolPolicy": "allow-all"', 8, 'DefaultCacheBehavior has no "viewerProtocolPolicy": did you mean "ViewerProtocolPolicy"?'],
  ['"PathPattern": "/b', '"Path": "/b', 20, 'a cache behavior has no "Path": did you mean "PathPattern"?'],
  ['"Value": "1"', '"Valeu": "1"', 31, 'a header of CustomHeadersConfig has no "Valeu": did you mean "Value"?'],
  ['"MinTTL": 1', '"MinTtl": 1', 23, 'a cache policy has no "MinTtl": did you mean "MinTTL"?'],
  ['"ErrorCode"', '"Code"', 33, 'a custom error response has no "Code": it may have ErrorCode, ResponseCode, ResponsePagePath or ErrorCachingMinTTL'],
  ['"ViewerCountry"', '"Quux"', 36, 'the file has no "Quux": it may have Origins, DefaultCacheBehavior,'],
  ['"ViewerCountry": "DE"', '"ViewerCountry": "DE", "ViewerCountry": "US"', 36, 'set twice: "ViewerCountry"'],
  ['"CachePolicyId": "mine"', '"MinTTL": 1', 10, '"MinTTL" is not read: name a policy in CachePolicyId'],
  // what is missing
  ['"TargetOriginId": "site",\n', '\n', 6, 'DefaultCacheBehavior needs "TargetOriginId"'],
  ['"Id": "files", ', '', 4, 'an origin needs "Id"'],
  ['"Headers": ["Host"]', '"Headers": []', 25, '"whitelist" needs "Headers"'],
  ['"CookieBehavior": "none"', '"CookieBehavior": "none", "Cookies": ["a"]', 26, '"none" takes no names'],
  ['"ResponseCode": 200, ', '', 33, 'ResponseCode and ResponsePagePath belong together'],
  // types, words, numbers
  ['"DE"', '5', 36, '"ViewerCountry" must be a text in quotation marks'],
  ['"DE"', '"Germany"', 36, '"ViewerCountry" must be two capital letters, such as "DE"'],
  ['"Origins": [', '"Origins": 1, "Comment": [', 2, '"Origins" must be a list: [...]'],
  ['"CookiesConfig": { "CookieBehavior": "none" }', '"CookiesConfig": "none"', 26, '"CookiesConfig" must be an object: {...}'],
  ['"Override": true', '"Override": "true"', 31, '"Override" must be true or false'],
  ['"allow-all"', '"redirect"', 8, 'ViewerProtocolPolicy is "redirect": it must be allow-all, redirect-to-https or https-only'],
  ['"GET", "HEAD"', '"GET", "HAED"', 9, 'AllowedMethods is "HAED": it must be GET, HEAD, OPTIONS, PUT, POST, PATCH or DELETE'],
  ['"GET", "HEAD"', '"GET", "POST"', 9, '"AllowedMethods" must be ["GET", "HEAD"], or these and "OPTIONS", or all seven'],
  ['"MinTTL": 1', '"MinTTL": -1', 23, '"MinTTL" must be a whole number from 0 to 3153600000'],
  ['"MinTTL": 1', '"MinTTL": 1.5', 23, '"MinTTL" must be a whole number'],
  ['"MinTTL": 1', '"MinTTL": 3', 23, '"DefaultTTL" is less than MinTTL'],
  ['"MaxTTL": 3', '"MaxTTL": 1', 23, '"MaxTTL" is less than MinTTL or DefaultTTL'],
  ['"ErrorCode": 404', '"ErrorCode": 200', 33, '"ErrorCode" must be a whole number from 400 to 599'],
  ['"kv": { "a": "b" }', '"kv": "a"', 35, 'the table "kv" must be an object of texts'],
  ['"kv": { "a": "b" }', '"kv": { "a": 1 }', 35, '"the value" must be a text in quotation marks'],
  ['"kv": { "a": "b" }', `"kv": { "a": "${'x'.repeat(4000)}" }`, 35, 'key and value are longer than 4,000 bytes: "a"'],
  ['"X-A"', '"X-\\u0007"', 31, 'control character in'],
  ['"Host"', '"Ho st"', 25, 'not a name: "Ho st"'],
  // what is referred to
  ['"TargetOriginId": "site",\n', '"TargetOriginId": "sites",\n', 7, 'no such origin: "sites": did you mean "site"?'],
  ['"TargetOriginId": "files"', '"TargetOriginId": "nowhere"', 20, 'no such origin: "nowhere": this file has "site", "files"'],
  ['"CachePolicyId": "mine"', '"CachePolicyId": "CachingOptimised"', 10, 'no such cache policy: "CachingOptimised": did you mean "CachingOptimized"?'],
  ['"CachePolicyId": "mine"', '"CachePolicyId": "x"', 10, 'no such cache policy: "x": this file has "mine", AWS has "Amplify", "CachingDisabled"'],
  ['"AllViewer"', '"all"', 11, 'no such origin request policy: "all": this file has none, AWS has "AllViewer"'],
  ['"ResponseHeadersPolicyId": "headers"', '"ResponseHeadersPolicyId": "hedders"', 12, 'no such response headers policy: "hedders": did you mean "headers"?'],
  ['"Id": "files"', '"Id": "site"', 4, 'a second origin with the Id "site"'],
  ['"PathPattern": "/b/*"', '"PathPattern": "/a/*"', 20, 'a second cache behavior with the PathPattern "/a/*"'],
  // origins, patterns
  ['www.example.com', 'https://www.example.com', 3, 'not a domain name: "https://www.example.com": write "www.example.com", without https:// and port'],
  ['www.example.com', '127.0.0.1:80', 3, 'not a domain name'],
  ['"/v1"', '"v1/"', 3, '"OriginPath" must begin with \'/\' and not end with it'],
  ['"Address": "desk"', '"Address": "http://127.0.0.1"', 3, 'not an address: "http://127.0.0.1": write "127.0.0.1:3000"'],
  ['"Directory": "public"', '"Directory": "public", "Address": "desk"', 4, 'an origin has Address or Directory, not both'],
  ['"S3OriginConfig": {}', '"S3OriginConfig": {}, "CustomOriginConfig": { "OriginProtocolPolicy": "http-only" }', 4, 'an origin has CustomOriginConfig or S3OriginConfig, not both'],
  ['"/b/*"', '"/b/[0-9]"', 20, 'a path pattern cannot have this character: "["'],
  ['"/b/*"', `"/${'b'.repeat(255)}"`, 20, '"PathPattern" must have 1 to 255 characters'],
  ['"index.html"', '"/index.html"', 34, '"DefaultRootObject" is a name without \'/\''],
  ['"/404.html"', '"404.html"', 33, '"ResponsePagePath" must begin with \'/\''],
  // functions
  ['"redirect_map"', '"redirect_maps"', 15, 'no such recipe: "redirect_maps": did you mean "redirect_map"?'],
  ['"own.c"', '"other.c"', 14, /no such file: ".*\/other\.c"/],
  ['"own.c"', '"arn:aws:lambda:us-east-1:1:function:f:1"', 14, 'this function is in AWS: "arn:aws:lambda'],
  ['"own.c"', '"own.c+"', 14, 'no function: "own.c+"'],
  ['"viewer-request"', '"origin-response"', 15, 'a second function at "origin-response": an event type can have one'],
  ['"viewer-request"', '"viewer-response"', 15, '"IncludeBody" is only for viewer-request and origin-request'],
  ['"viewer-request"', '"viewer"', 15, 'EventType is "viewer": it must be viewer-request, origin-request, origin-response or viewer-response'],
  ['"LambdaFunctionAssociations"', '"FunctionAssociations": [{ "EventType": "origin-request", "FunctionARN": "own.c" }], "LambdaFunctionAssociations"', 13, 'EventType is "origin-request": it must be viewer-request or viewer-response'],
  ['"LambdaFunctionAssociations"', '"FunctionAssociations": [{ "EventType": "viewer-response", "FunctionARN": "own.c" }], "LambdaFunctionAssociations"', 13, 'CloudFront Functions at one viewer event and Lambda@Edge at the other'],
];
for (const [text, other, line, said] of wrong)
  await test(`${text} -> ${String(other).slice(0, 80)}`, () => {
    const changed = good.replace(text, () => other);
    assert.notEqual(changed, good);
    const { status, stderr, stdout } = settings(changed, '--check');
    assert.equal(status, 1, stderr);
    assert.equal(stdout, '');
    const first = stderr.split('\n')[0];
    assert.ok(first.startsWith(`${file}:${line}:`), `${line} is not the line of ${first}`);
    assert.match(first, /: error: /);
    if (said instanceof RegExp) assert.match(first, said);
    else assert.ok(first.includes(said), first);
  });

await test('all errors at once', () => assert.equal(settings(good.replace('"Id": "site"', '"Idd": "site"').replace('"allow-all"', '1').replace('"DE"', '1'), '--check').stderr.trim().split('\n').length, 3));
await test('at most twenty', () => assert.match(settings(good.replace('"Tables"', `${'"X": 1, '.repeat(30)}"Tables"`), '--check').stderr, /more errors are not shown/));
await test('comments, byte order mark, a comma at the end', () => {
  const text = `\ufeff// one\n${good.replace('"DE"', '"DE", /* "*" // */').replace('"site",\n', '"site", // "\n')}`;
  assert.equal(settings(text, '--check').stderr, '');
  assert.match(settings(text.replace('"DE"', '"D"'), '--check').stderr, /edge\.json:37:20: error/);
});
await test('lists as the API has them', () => assert.equal(settings(good.replace('["GET", "HEAD"]', '{ "Quantity": 2, "Items": ["GET", "HEAD"], "CachedMethods": { "Quantity": 1, "Items": ["GET"] } }'), '--check').stderr, ''));
await test('what is different', () => {
  const { status, stderr, stdout } = settings(good.replace('"Address": "desk"', '"Address": "127.0.0.1:1", "CustomOriginConfig": { "OriginProtocolPolicy": "match-viewer" }').replace('["GET", "HEAD"]', '["GET", "HEAD"], "CachedMethods": ["GET", "HEAD", "OPTIONS"]'));
  assert.deepEqual([status, stderr.split('\n')], [0, [`${file}:3:149: note: "match-viewer" is http-only here`, `${file}:9:73: note: "OPTIONS" is not cached here`, '']]);
  assert.match(stdout, /edge_origin custom www\.example\.com protocol=http port=80/);
});
await test('a function in another language', () => assert.match(settings(good.replace('"own.c"', `"${file}"`)).stdout, /edge_origin_response "unix:\/run\/edgefn\/functions\/1\/edge\.json\.sock";/));
await test('what has no effect', () => {
  const { status, stderr } = settings(good.replace('"ViewerCountry"', '"WebACLId": "x", "PriceClass": "PriceClass_100", "ViewerCountry"'), '--check');
  assert.deepEqual([status, stderr], [0, `${file}:36:15: note: "WebACLId" has no effect here: nothing is blocked\n`]);
});
const normal = '"ViewerProtocolPolicy": "allow-all"', policy = '{ "Name": "headers",';
for (const [where, member, said] of [
  [normal, '"TrustedKeyGroups": { "Enabled": true, "Items": ["k"] }', '"TrustedKeyGroups" has no effect here: requests pass without a signature'],
  [normal, '"TrustedSigners": ["self"]', '"TrustedSigners" has no effect here: requests pass without a signature'],
  [normal, '"Compress": true', '"Compress" has no effect here: responses are sent as the origin compressed them, or not'],
  [normal, '"FieldLevelEncryptionId": "x"', '"FieldLevelEncryptionId" has no effect here: fields stay as they are'],
  [normal, '"GrpcConfig": { "Enabled": true }', '"GrpcConfig" has no effect here'],
  [policy, '"ServerTimingHeadersConfig": { "Enabled": true, "SamplingRate": 50 }', '"ServerTimingHeadersConfig" has no effect here: no Server-Timing is sent'],
  ['"Id": "files",', '"OriginAccessControlId": "E1"', '"OriginAccessControlId" has no effect here'],
  ['"ViewerCountry"', '"Restrictions": { "GeoRestriction": { "RestrictionType": "blacklist", "Items": ["US"] } }', '"Restrictions" has no effect here: nothing is blocked'],
])
  await test(`what has no effect: ${member}`, () => {
    const [before, after] = where.startsWith('{') || where.endsWith(',') ? [`${where} ${member},`, ''] : [`${member}, ${where}`, ''], changed = good.replace(where, () => before + after);
    const { status, stderr } = settings(changed, '--check');
    assert.equal(status, 0, stderr);
    const line = changed.slice(0, changed.indexOf(member)).split('\n').length;
    assert.match(stderr, new RegExp(`^${file.replaceAll('.', '\\.')}:${line}:\\d+: note: `));
    assert.ok(stderr.endsWith(` note: ${said}\n`), stderr);
  });
await test('what is accepted in silence', () => {
  const { status, stderr } = settings(good.replace('"Id": "files",', '"Id": "files", "ConnectionAttempts": 1, "ConnectionTimeout": 2, "ResponseCompletionTimeout": 60, "OriginShield": { "Enabled": true, "OriginShieldRegion": "eu-west-1" },'), '--check');
  assert.deepEqual([status, stderr], [0, '']);
});
await test('what has no effect, but is not used', () => {
  const unused = '"TrustedKeyGroups": { "Enabled": false, "Quantity": 0 }, "TrustedSigners": { "Enabled" : false, "Quantity": 0 }, "Compress": false, "FieldLevelEncryptionId": "", "GrpcConfig": { "Enabled": false }, ';
  const { status, stderr } = settings(good.replace(normal, unused + normal).replace('"ViewerCountry"', '"WebACLId": "", "Restrictions": { "GeoRestriction": { "RestrictionType": "none", "Quantity": 0 } }, "OriginGroups": { "Quantity": 0 }, "ViewerCountry"'), '--check');
  assert.deepEqual([status, stderr], [0, '']);
});
const group = (members) => good.replace('"DefaultCacheBehavior"', `"OriginGroups": { "Quantity": 1, "Items": [{ "Id": "both", "FailoverCriteria": { "StatusCodes": { "Quantity": 1, "Items": [500] } }, "Members": { "Quantity": 2, "Items": [${members}] } }] },\n  "DefaultCacheBehavior"`)
  .replace('"TargetOriginId": "site",\n', '"TargetOriginId": "both",\n');
await test('an origin group', () => {
  const { status, stderr, stdout } = settings(group('{ "OriginId": "site" }, { "OriginId": "files" }'));
  assert.deepEqual([status, stderr], [0, `${file}:8:23: note: an origin group is its first origin here, without failover: "site"\n`]);
  assert.match(stdout, /edge_origin custom www\.example\.com/);
});
for (const [what, members, line, said] of [['an origin that is not there', '{ "OriginId": "site" }, { "OriginId": "filez" }', 6, 'no such origin: "filez": did you mean "files"?'], ['one origin', '{ "OriginId": "site" }', 6, 'an origin group has two Members']])
  await test(`an origin group with ${what}`, () => {
    const { status, stderr } = settings(group(members), '--check');
    assert.equal(status, 1);
    assert.ok(stderr.startsWith(`${file}:${line}:`) && stderr.includes(said), stderr);
  });
for (const [name, args, said] of [['no file', [`${directory}/none.json`], /none\.json/], ['two files', [file, file], /one file/], ['an option', [file, '--quux'], /--quux/], ['no value', [file, '--dir'], /--dir/],
  ['a table', [file, '--table', 'kv'], /TABLE KEY VALUE/], ['https', [file, '--https', '127.0.0.1:1'], /--certificate/]])
  await test(`usage: ${name}`, () => {
    settings(good);
    const { status, stderr, stdout } = spawnSync('build/edgefn', ['settings', ...args], { encoding: 'utf8' });
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, said);
  });
printCounts();
