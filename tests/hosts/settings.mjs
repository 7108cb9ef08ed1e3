// settings.mjs - `make cloudfront CONFIG=edge.json` with an origin that shows what it received; tests/test_settings.sh starts this in the top directory:
//     node tests/hosts/settings.mjs DIRECTORY      for what is written
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import { request as askSecurely } from 'node:https';
import { connect as connectSecurely } from 'node:tls';
import { createServer as createListener } from 'node:net';
import { resolve } from 'node:path';
import { printCounts, test } from './count.mjs';

const directory = resolve(process.argv[2]), sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// A port that nobody listens on, and that the system gives to no outgoing connection.
const freePort = () => new Promise((done) => {
  const port = 20000 + Math.floor(Math.random() * 12000), server = createListener();
  server.once('error', () => done(freePort())).listen(port, '127.0.0.1', () => server.close(() => done(port)));
});

// The origin: its answer is the request that it received, as JSON. What it answers with is in the path: /any/(status=404;cache-control=max-age%3D5)/any
let received = 0, fails = false;
const origin = createServer((req, res) => {
  received++;
  if (fails) { req.socket.destroy(); return; }
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    const headers = {}, said = /\(([^)]*)\)/.exec(req.url)?.[1] ?? '';
    let status = 200;
    for (const [name, value] of said.split(';').filter(Boolean).map((pair) => pair.split('='))) {
      if (name === 'status') status = Number(value);
      else headers[name] = decodeURIComponent(value);
    }
    res.writeHead(status, headers);
    res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body: Buffer.concat(chunks).toString(), number: received }));
  });
});
origin.on('upgrade', (req, socket) => {
  socket.on('error', () => {}).write(`HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nX-Url: ${req.url}\r\n\r\n`);
  socket.pipe(socket);
});
await new Promise((done) => origin.listen(0, '127.0.0.1', done));

const port = await freePort(), https = await freePort(), dir = resolve(directory, 'desk');

// Returns: {status, headers, text, seen: what the origin received, cache: X-Cache in short}
const get = (path, headers = {}, { method = 'GET', secure = false, body } = {}) => new Promise((done, failed) => {
  const options = { host: '127.0.0.1', port: secure ? https : port, path, method, headers, agent: false, rejectUnauthorized: false };
  const req = (secure ? askSecurely : ask)(options, (res) => {
    const chunks = [];
    res.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      const text = Buffer.concat(chunks).toString();
      let seen;
      try { seen = JSON.parse(text); } catch { /* not from the origin */ }
      done({ status: res.statusCode, headers: res.headers, text, seen, cache: res.headers['x-cache']?.replace(' from cloudfront', '') });
    });
  });
  req.on('error', failed).setTimeout(10000, () => req.destroy(new Error('time out'))).end(body);
});

// --- the settings

const own = resolve(directory, 'own');
mkdirSync(`${own}/include`, { recursive: true });
mkdirSync(`${own}/files/bucket`, { recursive: true });
for (const name of ['a', 'range']) writeFileSync(`${own}/files/bucket/${name}.txt`, 'a file\n');
writeFileSync(`${own}/keys.h`, '#define WORD "one"\n');
const source = (header) => `/* mark.c - marks what passes. */
#include "edgefn_host.h"
#include "keys.h"
bool edgefn_handler(edgefn_event *ev)
{
    edgefn_str word = EDGEFN_S(WORD);
    if (ev->type == EDGEFN_VIEWER_RESPONSE) return edgefn_set(&ev->response.headers, EDGEFN_S("${header}"), word);
    if (ev->type == EDGEFN_ORIGIN_RESPONSE) return edgefn_set(&ev->response.headers, EDGEFN_S("X-Origin-Response"), word);
    if (ev->type == EDGEFN_ORIGIN_REQUEST) {
        edgefn_str table = edgefn_lookup(ev, EDGEFN_S("kv"), EDGEFN_S("name"));
        edgefn_set(&ev->request.headers, EDGEFN_S("X-Body"), edgefn_body_decode(ev, &ev->request.body));
        return edgefn_set(&ev->request.headers, EDGEFN_S("X-Table"), table);
    }
    edgefn_set(&ev->request.headers, EDGEFN_S("X-City"), edgefn_get(&ev->request.headers, EDGEFN_S("cloudfront-viewer-city")));
    return edgefn_set(&ev->request.headers, EDGEFN_S("X-Dialect"), ev->dialect == EDGEFN_DIALECT_FUNCTIONS ? EDGEFN_S("functions") : EDGEFN_S("lambda"));
}
`;
writeFileSync(`${own}/mark.c`, source('X-Viewer-Response'));

writeFileSync(`${own}/edit.mjs`, `export const handler = async (event) => {
  const { config, request, response } = event.Records[0].cf, part = response ?? request;
  part.headers['x-mjs'] = [{ key: 'X-Mjs', value: config.eventType }];
  return part;
};
`);
writeFileSync(`${own}/function.js`, `import cf from 'cloudfront';
async function handler(event) {
  event.request.headers['x-js'] = { value: await cf.kvs().get('plain') };
  return event.request;
}
`);
writeFileSync(`${own}/choose.js`, `import cf from 'cloudfront';
const update = (more) => cf.updateRequestOrigin({ domainName: 'two.example.com', ...more });
const ways = {
  id: () => cf.selectRequestOriginById('two'), other: () => cf.selectRequestOriginById('three'), host: () => cf.selectRequestOriginById('two', { hostHeader: 'named.example.com' }),
  group: () => cf.createRequestOriginGroup({ originIds: ['two', { originId: 'one' }], failoverCriteria: { statusCodes: [500] } }), half: () => cf.createRequestOriginGroup({ originIds: ['two'] }),
  domain: () => update(), all: () => update({ originPath: '/v 2'.replace(' ', '+'), customHeaders: { 'x-own': 'a b%:ü' }, hostHeader: 'h.example.com', timeouts: { readTimeout: 9 }, customOriginConfig: { port: 8443, protocol: 'http', sslProtocols: ['TLSv1.2'] } }),
  empty: () => cf.updateRequestOrigin({ customHeaders: {} }), port: () => update({ customOriginConfig: { port: 81, protocol: 'http' } }), upper: () => update({ customHeaders: { 'X-A': '1' } }), nothing: () => cf.updateRequestOrigin(),
  bucket: () => cf.selectRequestOriginById('bucket'),
};
function handler(event) {
  const way = ways[event.request.uri.split('/')[2]];
  if (way) way();
  return event.request;
}
`);
writeFileSync(`${own}/shows.mjs`, `export const handler = async ({ Records: [{ cf: { request } }] }) => {
  request.headers['x-chosen'] = [{ value: JSON.stringify(request.origin) }];
  return request;
};
`);
writeFileSync(`${own}/lambda_function.py`, `def lambda_handler(event, context):
    response = event['Records'][0]['cf']['response']
    response['headers']['x-py'] = [{'key': 'X-Py', 'value': 'one'}]
    return response
`);

const all = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'];
const behavior = (more) => ({ TargetOriginId: 'one', ViewerProtocolPolicy: 'allow-all', CachePolicyId: 'plain', ...more });
const cached = (Name, [MinTTL, DefaultTTL, MaxTTL], parameters) => ({ Name, MinTTL, DefaultTTL, MaxTTL, ParametersInCacheKeyAndForwardedToOrigin: parameters });
const some = (kind, mode, names) => ({ [`${kind}sConfig`]: { [`${kind}Behavior`]: mode, ...(names ? { [`${kind}s`]: names } : {}) } });
const address = { Address: `127.0.0.1:${origin.address().port}`, CustomOriginConfig: { OriginProtocolPolicy: 'http-only' } };
const lambda = (EventType, LambdaFunctionARN, more) => ({ EventType, LambdaFunctionARN, ...more });

const settings = {
  Origins: [
    { Id: 'one', DomainName: 'one.example.com', ...address },
    { Id: 'two', DomainName: 'two.example.com', OriginPath: '/two;{x}"$y', OriginCustomHeaders: [{ HeaderName: 'X-From', HeaderValue: 'cloud $front "1"' }], ...address,
      CustomOriginConfig: { OriginProtocolPolicy: 'http-only', HTTPPort: 8080 } },
    { Id: 'three', DomainName: 'three.example.com', OriginCustomHeaders: [{ HeaderName: 'X-Three', HeaderValue: '3' }], ...address },
    { Id: 'bucket', DomainName: 'bucket.s3.eu-west-1.amazonaws.com', Directory: 'files', S3OriginConfig: {} },
    { Id: 'dead', DomainName: 'dead.example.com', Address: `unix:${directory}/nothing.sock`, CustomOriginConfig: { OriginProtocolPolicy: 'http-only' } },
  ],
  CacheBehaviors: [
    behavior({ PathPattern: '/order/a*', ResponseHeadersPolicyId: 'first' }),
    behavior({ PathPattern: '/order/*', ResponseHeadersPolicyId: 'second' }),
    behavior({ PathPattern: 'slash/?.jp*g', ResponseHeadersPolicyId: 'first' }),
    behavior({ PathPattern: '*.gif', ResponseHeadersPolicyId: 'first' }),
    behavior({ PathPattern: '/odd/+$.~"\'@:&*', ResponseHeadersPolicyId: 'first' }),
    behavior({ PathPattern: '/key/headers/*', CachePolicyId: 'headers' }),
    behavior({ PathPattern: '/key/cookies/only/*', CachePolicyId: 'cookies-only' }),
    behavior({ PathPattern: '/key/cookies/except/*', CachePolicyId: 'cookies-except' }),
    behavior({ PathPattern: '/key/cookies/all/*', CachePolicyId: 'cookies-all' }),
    behavior({ PathPattern: '/key/query/only/*', CachePolicyId: 'query-only' }),
    behavior({ PathPattern: '/key/query/except/*', CachePolicyId: 'query-except' }),
    behavior({ PathPattern: '/key/query/all/*', CachePolicyId: 'query-all' }),
    behavior({ PathPattern: '/key/encoding/*', CachePolicyId: 'CachingOptimized' }),
    behavior({ PathPattern: '/to/nothing/*', CachePolicyId: 'CachingDisabled', AllowedMethods: all }),
    behavior({ PathPattern: '/to/viewer/*', CachePolicyId: 'CachingDisabled', OriginRequestPolicyId: 'AllViewer' }),
    behavior({ PathPattern: '/to/except/*', CachePolicyId: 'CachingDisabled', OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac' }),
    behavior({ PathPattern: '/to/cloudfront/*', CachePolicyId: 'CachingDisabled', OriginRequestPolicyId: 'AllViewerAndCloudFrontHeaders-2022-06' }),
    behavior({ PathPattern: '/to/some/*', CachePolicyId: 'mixed', OriginRequestPolicyId: 'some' }),
    behavior({ PathPattern: '/to/others/*', CachePolicyId: 'mixed', OriginRequestPolicyId: 'others' }),
    behavior({ PathPattern: '/ttl/long/*', CachePolicyId: 'long' }),
    behavior({ PathPattern: '/ttl/short/*', CachePolicyId: 'short' }),
    behavior({ PathPattern: '/response/security/*', ResponseHeadersPolicyId: 'SecurityHeadersPolicy' }),
    behavior({ PathPattern: '/response/cors/*', ResponseHeadersPolicyId: 'cors', AllowedMethods: all, CachePolicyId: 'CachingDisabled' }),
    behavior({ PathPattern: '/response/simple/*', ResponseHeadersPolicyId: 'SimpleCORS', CachePolicyId: 'CachingDisabled' }),
    behavior({ PathPattern: '/response/function/*', ResponseHeadersPolicyId: 'marks', LambdaFunctionAssociations: [lambda('viewer-response', 'mark.c')] }),
    behavior({ PathPattern: '/four/*', AllowedMethods: all, CachePolicyId: 'CachingDisabled', LambdaFunctionAssociations: [lambda('origin-request', 'mark.c', { IncludeBody: true }), lambda('origin-response', 'mark.c')],
      FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: 'mark.c' }, { EventType: 'viewer-response', FunctionARN: 'security_headers' }], OriginRequestPolicyId: 'AllViewer' }),
    behavior({ PathPattern: '/chain/*', LambdaFunctionAssociations: [lambda('viewer-response', 'security_headers+mark.c')] }),
    behavior({ PathPattern: '/js/*', CachePolicyId: 'CachingDisabled', OriginRequestPolicyId: 'AllViewer', FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: 'function.js' }],
      LambdaFunctionAssociations: [lambda('origin-request', 'edit.mjs'), lambda('origin-response', 'lambda_function.py')] }),
    behavior({ PathPattern: '/choose/*', TargetOriginId: 'three', FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: 'choose.js' }], LambdaFunctionAssociations: [lambda('origin-request', 'shows.mjs')] }),
    behavior({ PathPattern: '/lacks/*', TargetOriginId: 'group', CachePolicyId: 'CachingOptimized', ResponseHeadersPolicyId: 'timing', Compress: true, TrustedKeyGroups: { Enabled: true, Items: ['keys'] }, TrustedSigners: ['self'] }),
    behavior({ PathPattern: '/two/*', TargetOriginId: 'two' }),
    behavior({ PathPattern: '/bucket/*', TargetOriginId: 'bucket' }),
    behavior({ PathPattern: '/dead/*', TargetOriginId: 'dead' }),
    behavior({ PathPattern: '/secure/only/*', ViewerProtocolPolicy: 'https-only' }),
    behavior({ PathPattern: '/secure/moved/*', ViewerProtocolPolicy: 'redirect-to-https', AllowedMethods: all }),
    behavior({ PathPattern: '/methods/three/*', AllowedMethods: ['GET', 'HEAD', 'OPTIONS'] }),
  ],
  DefaultCacheBehavior: behavior({}),
  OriginGroups: { Quantity: 1, Items: [{ Id: 'group', FailoverCriteria: { StatusCodes: { Quantity: 1, Items: [500] } }, Members: { Quantity: 2, Items: [{ OriginId: 'one' }, { OriginId: 'two' }] } }] },
  DefaultRootObject: 'index.html',
  CustomErrorResponses: [{ ErrorCode: 410, ErrorCachingMinTTL: 1 }, { ErrorCode: 451, ResponseCode: 200, ResponsePagePath: '/errors/451.html' }],
  CachePolicies: [
    cached('plain', [0, 60, 3600], {}),
    cached('headers', [0, 60, 3600], some('Header', 'whitelist', ['X-Key', 'Host', 'CloudFront-Viewer-Country'])),
    cached('cookies-only', [0, 60, 3600], some('Cookie', 'whitelist', ['a', 'b'])),
    cached('cookies-except', [0, 60, 3600], some('Cookie', 'allExcept', ['a'])),
    cached('cookies-all', [0, 60, 3600], some('Cookie', 'all')),
    cached('query-only', [0, 60, 3600], some('QueryString', 'whitelist', ['a', 'b'])),
    cached('query-except', [0, 60, 3600], some('QueryString', 'allExcept', ['a'])),
    cached('query-all', [0, 60, 3600], some('QueryString', 'all')),
    cached('mixed', [0, 60, 3600], { ...some('Header', 'whitelist', ['X-Key']), ...some('Cookie', 'whitelist', ['a']), ...some('QueryString', 'allExcept', ['a', 'b']) }),
    cached('long', [3600, 3600, 7200], {}),
    cached('short', [0, 1, 1], {}),
  ],
  OriginRequestPolicies: [
    { Name: 'some', ...some('Header', 'whitelist', ['User-Agent', 'X-Other']), ...some('Cookie', 'whitelist', ['b']), ...some('QueryString', 'whitelist', ['b']) },
    { Name: 'others', ...some('Header', 'allExcept', ['X-Key', 'X-Other', 'Host']), ...some('Cookie', 'allExcept', ['a', 'c']), ...some('QueryString', 'none') },
  ],
  ResponseHeadersPolicies: [
    ...['first', 'second'].map((Value) => ({ Name: Value, CustomHeadersConfig: { Items: [{ Header: 'X-Behavior', Value, Override: true }] } })),
    { Name: 'marks', CustomHeadersConfig: { Items: [{ Header: 'X-Viewer-Response', Value: 'policy', Override: true }, { Header: 'X-Kept', Value: 'policy' }, { Header: 'X-New', Value: 'a "quoted" $value \\' }] },
      RemoveHeadersConfig: { Items: [{ Header: 'X-Gone' }] } },
    { Name: 'timing', ServerTimingHeadersConfig: { Enabled: true, SamplingRate: 100 }, CustomHeadersConfig: { Items: [{ Header: 'X-Policy', Value: 'timing', Override: true }] } },
    { Name: 'cors', CorsConfig: { AccessControlAllowOrigins: ['https://*.example.com', 'https://example.org'], AccessControlAllowMethods: ['ALL'], AccessControlAllowHeaders: ['X-A', 'X-B'],
      AccessControlExposeHeaders: ['X-C'], AccessControlMaxAgeSec: 7, AccessControlAllowCredentials: true, OriginOverride: true } },
  ],
  Tables: { kv: { plain: 'a value', name: 'a "value" of $the {table}; \\' } },
  ViewerCountry: 'FR',
  ViewerHeaders: { 'CloudFront-Viewer-City': 'Saint-$Denis' },
};
const config = `${own}/edge.json`, write = (text = JSON.stringify(settings, null, 2)) => writeFileSync(config, text);
write();

// --- the desk

let said = '';
const run = spawn('sh', ['examples/hosts/nginx/cloudfront.sh'], { stdio: ['ignore', 'pipe', 'pipe'],
  env: { ...process.env, HANDLER: '', SOURCES: '', CONFIG: config, PORT: port, HTTPS_PORT: https, DIR: dir, CERTIFICATE: resolve(directory, 'certificate') } });
const ended = new Promise((done) => run.once('exit', done));
for (const stream of [run.stdout, run.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
for (let i = 0; ; i++) {
  if (await get('/').then(() => true, () => false)) break;
  if (i === 1200 || run.exitCode !== null) throw new Error(`it does not start: ${said}`);
  await sleep(25);
}
const says = async (pattern, from) => {
  for (let i = 0; !pattern.test(said.slice(from)); i++) {
    if (i === 400) assert.fail(`${pattern}: ${said.slice(from)}`);
    await sleep(25);
  }
};

try {
  // The first of these wait for a response to age while the others run.
  const ages = [ // path, X-Cache at once, X-Cache after 2.5 s
    ['/ttl/long/none', 'Hit', 'Hit'],
    ['/ttl/long/(cache-control=no-store)', 'Hit', 'Hit'],
    ['/ttl/long/(cache-control=max-age%3D0)', 'Hit', 'Hit'],
    ['/ttl/short/none', 'Hit', 'Miss'],
    ['/ttl/short/(cache-control=max-age%3D3600)', 'Hit', 'Miss'],
    ['/ttl/short/(cache-control=max-age%3D1,s-maxage%3D0)', 'Miss', 'Miss'],
    ['/plain/none', 'Hit', 'Hit'],
    ['/plain/(cache-control=max-age%3D1)', 'Hit', 'Miss'],
    ['/plain/(cache-control=max-age%3D1,%20s-maxage%3D3600)', 'Hit', 'Hit'],
    ['/plain/(cache-control=no-cache)', 'Miss', 'Miss'],
    ['/plain/(cache-control=private)', 'Miss', 'Miss'],
    ['/plain/(cache-control=no-store)', 'Miss', 'Miss'],
    ['/plain/(cache-control=public)', 'Hit', 'Hit'],
    ['/plain/(expires=Thu,%2001%20Dec%202094%2016:00:00%20GMT)', 'Hit', 'Hit'],
    ['/plain/(expires=Thu,%2001%20Dec%201994%2016:00:00%20GMT)', 'Miss', 'Miss'],
    ['/plain/(expires=Thu,%2001%20Dec%201994%2016:00:00%20GMT;cache-control=max-age%3D60)', 'Hit', 'Hit'],
    ['/plain/(status=404)', 'Error', 'Error', true],
    ['/plain/(status=410)', 'Error', 'Error', true, false],
    ['/plain/(status=410;cache-control=max-age%3D60)', 'Error', 'Error', true],
    ['/plain/(status=403)', 'Error', 'Error', false],
    ['/plain/(status=403;cache-control=max-age%3D60)', 'Error', 'Error', true],
    ['/plain/(vary=X-Any;set-cookie=a%3D1)', 'Hit', 'Hit'],
    ['/plain/(x-accel-expires=0)', 'Hit', 'Hit'],
    ['/plain/(cache-control=max-age%3D1,%20stale-while-revalidate%3D60)', 'Hit', 'Miss'],
  ];
  const first = await Promise.all(ages.map(async ([path]) => (await get(path)).seen?.number));
  const started = Date.now(), stale = '/plain/(cache-control=max-age%3D1,%20stale-if-error%3D60)';
  await get(stale);
  const revalidated = '/ttl/short/(cache-control=max-age%3D1,%20stale-while-revalidate%3D60)/x', old = (await get(revalidated)).seen.number;
  // whether the same answer of the origin came again
  const aged = async ([path, now, later, kept = now === 'Hit', still = later === 'Hit' || (kept && now === 'Error')], i, after) => {
    const { cache, seen } = await get(path), same = seen.number === first[i];
    assert.equal(cache, after ? later : now, path);
    assert.equal(same, after ? still : kept, path);
  };
  for (const [i, age] of ages.entries()) await test(`${age[0]}: at once`, () => aged(age, i, false));

  for (const [path, expected] of [['/order/abc', 'first'], ['/order/b', 'second'], ['/order/Abc', 'second'], ['/Order/abc', undefined], ['/order/x?/order/a', 'second'], ['/order', undefined],
    ['/slash/1.jpg', 'first'], ['/slash/12.jpg', undefined], ['/slash/1.jpeg', 'first'], ['/slash/1.JPG', undefined], ['/a/b/c.gif', 'first'], ['/a.gif/b', undefined], ['/a.gif?x=1', 'first'],
    ['/odd/+$.~"\'@:&x', 'first'], ['/odd/++.~"\'@:&x', undefined], ['/x//order/a', undefined], ['//order/abc', 'first'], ['/x/../order/abc', 'first'], ['/order%2Fabc', 'first']])
    await test(`pattern: ${path}`, async () => assert.equal((await get(path)).headers['x-behavior'], expected));

  // pairs of requests: one hits what the other has stored, or not
  const pairs = [
    ['/key/headers/1', { 'X-Key': 'a' }, { 'X-Key': 'a', 'X-Other': '1' }, true], ['/key/headers/2', { 'X-Key': 'a' }, { 'X-Key': 'A' }, false], ['/key/headers/3', { 'X-Key': '' }, {}, false],
    ['/key/headers/4', { Host: 'a.example' }, { Host: 'b.example' }, false], ['/key/headers/5', { Cookie: 'a=1' }, { Cookie: 'a=2' }, true],
    ['/key/cookies/only/1', { Cookie: 'a=1; c=1' }, { Cookie: 'c=2;a=1' }, true], ['/key/cookies/only/2', { Cookie: 'a=1' }, { Cookie: 'a=2' }, false], ['/key/cookies/only/3', { Cookie: 'a=1' }, { Cookie: 'A=1' }, false],
    ['/key/cookies/except/1', { Cookie: 'a=1; c=1' }, { Cookie: 'a=2; c=1' }, true], ['/key/cookies/except/2', { Cookie: 'c=1' }, { Cookie: 'c=2' }, false],
    ['/key/cookies/all/1', { Cookie: 'z=1' }, { Cookie: 'z=2' }, false], ['/plain/cookies', { Cookie: 'z=1' }, { Cookie: 'z=2' }, true],
    ['/key/encoding/1', { 'Accept-Encoding': 'gzip, br' }, { 'Accept-Encoding': 'br;q=1.0, deflate, gzip' }, true], ['/key/encoding/2', { 'Accept-Encoding': 'gzip' }, { 'Accept-Encoding': 'br' }, false],
    ['/plain/encoding', { 'Accept-Encoding': 'gzip' }, {}, true],
  ];
  for (const [path, one, other, same] of pairs)
    await test(`key: ${path}`, async () => {
      await get(path, one);
      assert.equal((await get(path, other)).cache, same ? 'Hit' : 'Miss');
      assert.equal((await get(path, other)).cache, 'Hit');
    });
  for (const [path, one, other, same] of [['/key/query/only/1', 'a=1&c=1', 'c=2&a=1', true], ['/key/query/only/2', 'a=1', 'a=2', false], ['/key/query/only/3', 'a=1', 'A=1', false], ['/key/query/only/4', 'a=1&b=2', 'b=2&a=1', false],
    ['/key/query/except/1', 'a=1&c=1', 'c=1&a=2', true], ['/key/query/except/2', 'c=1', 'c=2', false], ['/key/query/all/1', 'z', 'z=', false], ['/plain/query', 'a=1', 'b=1', true]])
    await test(`key: ${path}?${one} and ?${other}`, async () => {
      await get(`${path}?${one}`);
      assert.equal((await get(`${path}?${other}`)).cache, same ? 'Hit' : 'Miss');
    });

  const sent = { 'X-Key': 'k', 'X-Other': 'o', 'User-Agent': 'test/1', Cookie: 'a=1; b=2; c=3', Referer: 'https://r.example/', 'CloudFront-Viewer-Country': 'XX', 'Accept-Encoding': 'gzip' };
  const to = async (name, headers, url, absent = []) => test(`to the origin: ${name}`, async () => {
    const { seen } = await get(`/to/${name}/x?a=1&b=2&c=3&a=4`, sent);
    assert.equal(seen.url, `/to/${name}/x${url}`);
    for (const [key, value] of Object.entries(headers)) assert.equal(seen.headers[key], value, key);
    for (const key of absent) assert.ok(!(key in seen.headers), key);
    assert.match(seen.headers.via, /cloudfront/);
    assert.equal(seen.headers['x-forwarded-for'], '127.0.0.1');
  });
  await to('nothing', { host: 'one.example.com', 'user-agent': 'Amazon CloudFront' }, '', ['cookie', 'x-key', 'referer', 'accept-encoding', 'cloudfront-viewer-country', 'cloudfront-is-mobile-viewer']);
  await to('viewer', { host: `127.0.0.1:${port}`, 'user-agent': 'test/1', cookie: 'a=1; b=2; c=3', 'x-other': 'o', referer: 'https://r.example/', 'accept-encoding': 'gzip' }, '?a=1&b=2&c=3&a=4', ['cloudfront-viewer-country', 'cloudfront-is-mobile-viewer']);
  await to('except', { host: 'one.example.com', 'user-agent': 'test/1', cookie: 'a=1; b=2; c=3', 'x-key': 'k' }, '?a=1&b=2&c=3&a=4', ['cloudfront-viewer-country']);
  await to('cloudfront', { 'cloudfront-viewer-country': 'FR', 'cloudfront-viewer-city': 'Saint-$Denis', 'cloudfront-is-desktop-viewer': 'true', 'x-other': 'o' }, '?a=1&b=2&c=3&a=4');
  await to('some', { host: 'one.example.com', 'user-agent': 'test/1', 'x-key': 'k', 'x-other': 'o', cookie: 'a=1; b=2' }, '?b=2&c=3', ['referer']);
  await to('others', { host: 'one.example.com', 'user-agent': 'test/1', 'x-key': 'k', referer: 'https://r.example/', cookie: 'a=1; b=2' }, '?c=3', ['x-other']);
  await test('to the origin: a body', async () => {
    const { seen } = await get('/to/nothing/form', { 'Content-Type': 'text/plain', 'X-Key': 'k' }, { method: 'POST', body: 'hello' });
    assert.deepEqual([seen.method, seen.body, seen.headers['content-type'], seen.headers['x-key']], ['POST', 'hello', 'text/plain', undefined]);
  });
  await test('to the origin: path and headers of the origin', async () => {
    const { seen } = await get('/two/x', { 'X-From': 'the viewer' });
    assert.deepEqual([seen.url, seen.headers['x-from'], seen.headers.host], ['/two;{x}"$y/two/x', 'cloud $front "1"', 'two.example.com']);
  });
  await test('to the origin: the default root object', async () => assert.equal((await get('/?a=1')).seen.url, '/index.html'));

  await test('response: security headers', async () => {
    const { headers } = await get('/response/security/(x-frame-options=DENY;x-content-type-options=none)');
    assert.deepEqual([headers['x-frame-options'], headers['x-content-type-options'], headers['strict-transport-security'], headers['referrer-policy'], headers['x-xss-protection']],
      ['DENY', 'nosniff', 'max-age=31536000', 'strict-origin-when-cross-origin', '1; mode=block']);
  });
  for (const time of ['Miss', 'Hit'])
    await test(`response: after viewer-response, ${time}`, async () => {
      const { headers, cache } = await get('/response/function/(x-kept=origin;x-gone=origin)');
      assert.deepEqual([cache, headers['x-viewer-response'], headers['x-kept'], headers['x-gone'], headers['x-new']], [time, 'policy', 'origin', undefined, 'a "quoted" $value \\']);
    });
  const cors = ['origin', 'credentials', 'methods', 'headers'].map((name) => `access-control-allow-${name}`).concat('access-control-expose-headers', 'access-control-max-age');
  const list = all.join(', ');
  for (const [what, path, headers, method, expected] of [
    ['no Origin', '/response/cors/(access-control-allow-origin=*)', {}, 'GET', ['*']],
    ['an Origin', '/response/cors/(access-control-allow-origin=*;access-control-max-age=9)', { Origin: 'https://a.example.com' }, 'GET', ['https://a.example.com', 'true', , , 'X-C']],
    ['another Origin', '/response/cors/x', { Origin: 'https://example.org' }, 'GET', ['https://example.org', 'true', , , 'X-C']],
    ['a wrong Origin', '/response/cors/(access-control-allow-origin=*)', { Origin: 'https://example.net' }, 'GET', []],
    ['http', '/response/cors/x', { Origin: 'http://a.example.com' }, 'GET', []],
    ['a preflight', '/response/cors/x', { Origin: 'https://a.example.com', 'Access-Control-Request-Method': 'PUT' }, 'OPTIONS', ['https://a.example.com', 'true', list, 'X-A, X-B', , '7']],
    ['any', '/response/simple/x', { Origin: 'https://example.net' }, 'GET', ['*']],
    ['the origin decides', '/response/simple/(access-control-allow-origin=https:%2F%2Fa)', { Origin: 'https://example.net' }, 'GET', ['https://a']],
  ]) await test(`response: CORS, ${what}`, async () => {
    const answer = await get(path, headers, { method });
    assert.deepEqual(cors.map((name) => answer.headers[name]), cors.map((_, i) => expected[i]));
  });

  await test('functions at four triggers', async () => {
    const { seen, headers } = await get('/four/x', { 'Content-Type': 'text/plain' }, { method: 'POST', body: 'a body' });
    assert.deepEqual([seen.headers['x-dialect'], seen.headers['x-table'], seen.headers['x-body'], seen.headers['x-city'], seen.headers['cloudfront-viewer-city'], headers['x-origin-response'], headers['x-content-type-options'], headers['x-viewer-response']],
      ['functions', settings.Tables.kv.name, 'a body', 'Saint-$Denis', undefined, 'one', 'nosniff', undefined]);
  });
  await test('a chain', async () => {
    const { headers } = await get('/chain/x');
    assert.deepEqual([headers['x-viewer-response'], headers['x-content-type-options']], ['one', 'nosniff']);
  });
  await test('functions in JavaScript and Python', async () => {
    const { status, seen, headers } = await get('/js/x');
    assert.deepEqual([status, seen?.headers['x-js'], seen?.headers['x-mjs'], headers['x-py']], [200, 'a value', 'origin-request', 'one']);
  });
  // --- what is otherwise than at CloudFront: examples/hosts/README.md has these tests beside its list
  const tunnel = (path) => new Promise((done, failed) => {
    const req = ask({ host: '127.0.0.1', port, path, headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'x3JJHMbDL1EzLkh9GBhXDw==', 'Sec-WebSocket-Version': '13' } });
    req.on('response', ({ statusCode }) => failed(new Error(`${path}: ${statusCode}`))).on('error', failed).setTimeout(5000, () => req.destroy(new Error('time'))).end();
    req.on('upgrade', (res, socket) => {
      socket.once('data', (data) => { socket.destroy(); done({ headers: res.headers, echo: data.toString() }); });
      socket.write('over and back');
    });
  });
  await test('WebSocket', async () => {
    await get('/plain/socket'); // is in the cache
    for (const path of ['/plain/socket', '/response/function/socket', '/choose/domain/socket']) assert.equal((await tunnel(path)).echo, 'over and back', path);
    assert.equal((await tunnel('/response/function/socket')).headers['x-viewer-response'], 'policy');
  });
  await test('WebSocket: no function in JavaScript or Python at the response', async () => {
    const { headers, echo } = await tunnel('/js/socket');
    assert.deepEqual([headers['x-url'], headers['x-py'], echo], ['/js/socket', undefined, 'over and back']);
  });
  await test('Upgrade to anything else is not forwarded', async () => assert.equal((await get('/to/viewer/x', { Connection: 'Upgrade', Upgrade: 'h2c' })).seen.headers.upgrade, undefined));
  await test('Range: the origin gets a request for all', async () => {
    const part = await get('/bucket/range.txt', { Range: 'bytes=2-5' }), all = await get('/bucket/range.txt');
    assert.deepEqual([part.status, part.text, part.headers['content-range'], part.cache, all.cache, all.text], [206, 'file', 'bytes 2-5/7', 'Miss', 'Hit', 'a file\n']);
    assert.equal((await get('/to/nothing/range', { Range: 'bytes=2-5' })).seen.headers.range, 'bytes=2-5', 'unless nothing is cached');
  });
  await test('HEAD: the origin gets GET if it may be cached', async () => {
    await get('/plain/head', {}, { method: 'HEAD' });
    const { cache, seen } = await get('/plain/head');
    assert.deepEqual([cache, seen.method], ['Hit', 'GET']);
  });
  await test('nothing is compressed', async () => {
    const { status, headers } = await get('/lacks/(content-type=text%2Fhtml)/x', { 'Accept-Encoding': 'gzip, br' });
    assert.deepEqual([status, headers['content-encoding']], [200, undefined]);
    await says(/note: "Compress" has no effect here: responses are sent as the origin compressed them, or not/, 0);
  });
  await test('requests pass without a signature', async () => {
    assert.equal((await get('/lacks/signed')).status, 200);
    await says(/note: "TrustedKeyGroups" has no effect here: requests pass without a signature/, 0);
    await says(/note: "TrustedSigners" has no effect here/, 0);
  });
  await test('no Server-Timing', async () => {
    const { headers } = await get('/lacks/timing');
    assert.deepEqual([headers['x-policy'], headers['server-timing']], ['timing', undefined]);
    await says(/note: "ServerTimingHeadersConfig" has no effect here/, 0);
  });
  await test('an origin group has no failover', async () => {
    const { status, seen } = await get('/lacks/(status=500)');
    assert.deepEqual([status, seen.headers.host], [500, 'one.example.com']);
    await says(/note: an origin group is its first origin here, without failover: "one"/, 0);
  });
  await test('no fingerprints of TLS, and no place but the country', async () => {
    const { seen } = await get('/to/cloudfront/place');
    for (const name of ['ja3-fingerprint', 'ja4-fingerprint', 'tls', 'asn', 'latitude', 'time-zone', 'header-order', 'header-count']) assert.equal(seen.headers[`cloudfront-viewer-${name}`], undefined, name);
    assert.equal(seen.headers['cloudfront-viewer-country'], 'FR');
  });
  await test('no Age, and no X-Amz-Cf-Pop', async () => {
    await get('/plain/age');
    const { cache, headers } = await get('/plain/age');
    assert.deepEqual([cache, headers.age, headers['x-amz-cf-pop']], ['Hit', undefined, undefined]);
  });
  await test('Connection and Expect to the origin', async () => {
    const { seen } = await get('/to/nothing/connection', { Expect: '100-continue' }, { method: 'POST', body: 'x' });
    assert.deepEqual([seen.headers.connection, seen.headers.expect, seen.body], [undefined, undefined, 'x']);
  });
  await test('HTTP/1.1 only', () => new Promise((done, failed) => {
    const socket = connectSecurely({ host: '127.0.0.1', port: https, ALPNProtocols: ['h2', 'http/1.1'], rejectUnauthorized: false }, () => {
      socket.destroy();
      if (socket.alpnProtocol === 'http/1.1' || socket.alpnProtocol === false) done();
      else failed(new Error(socket.alpnProtocol));
    });
    socket.on('error', failed);
  }));
  await test('paths that nginx refuses', async () => assert.deepEqual([(await get('/../../x')).status, (await get('/%00')).status, (await get('/%zz')).status], [400, 400, 400]));
  await test('a head that is too large', async () => assert.equal((await get('/plain/x', { 'X-Large': 'x'.repeat(33000) })).status, 400));

  const chosen = async (way) => {
    const { status, seen, text } = await get(`/choose/${way}/${Math.random()}`, { 'X-Edge-Origin': 'domain=evil.example.com' });
    return { status, seen, text, chosen: seen && JSON.parse(seen.headers['x-chosen']).custom };
  };
  for (const [way, host, path, headers, port] of [
    ['none', 'three.example.com', '', { 'x-three': '3', 'x-from': undefined }, 80], ['id', 'two.example.com', '/two;{x}"$y', { 'x-from': 'cloud $front "1"', 'x-three': undefined }, 8080],
    ['other', 'three.example.com', '', { 'x-three': '3' }, 80], ['host', 'named.example.com', '/two;{x}"$y', { 'x-from': 'cloud $front "1"' }, 8080],
    ['group', 'two.example.com', '/two;{x}"$y', { 'x-from': 'cloud $front "1"' }, 8080], ['domain', 'two.example.com', '', { 'x-three': '3' }, 80],
    ['all', 'h.example.com', '/v+2', { 'x-own': Buffer.from('a b%:ü').toString('latin1'), 'x-three': undefined }, 8443], ['empty', 'three.example.com', '', { 'x-three': undefined }, 80],
  ])
    await test(`an origin that is chosen at viewer-request: ${way}`, async () => {
      const { status, seen, text, chosen: { domainName, path: base, port: to, readTimeout } } = await chosen(way);
      assert.equal(status, 200, text);
      assert.deepEqual([seen.headers.host, base, to, domainName], [host, path, port, /host|all/.test(way) ? 'two.example.com' : host]);
      assert.ok(seen.url.startsWith(`${path}/choose/${way}/`), seen.url);
      for (const [name, value] of Object.entries(headers)) assert.equal(seen.headers[name], value, name);
      assert.equal(seen.headers['x-edge-origin'], undefined);
      assert.equal(readTimeout, way === 'all' ? 9 : 30);
    });
  await test('an origin that is chosen is not in the cache key', async () => {
    await get('/choose/id/cached');
    assert.equal((await get('/choose/id/cached')).cache, 'Hit');
  });
  await test('a bucket that is chosen', async () => assert.deepEqual([(await get('/choose/bucket/a.txt')).status, (await get('/choose/../bucket/a.txt')).text], [404, 'a file\n']));
  for (const [way, words] of [['half', /"originIds" must be a list of two origins/], ['port', /"port" must be 80, 443 or 1024 to 65535/], ['upper', /"customHeaders" must be an object of texts, with names in lower case/],
    ['nothing', /updateRequestOrigin must be an object/]])
    await test(`an origin that cannot be: ${way}`, async () => {
      const { status, text } = await chosen(way);
      assert.equal(status, 503);
      assert.match(text, words);
    });
  await test('an origin group: what differs is said', () => says(/the request goes to "two", and never to "one", because there is no failover here/, 0));
  await test('no function elsewhere', async () => assert.equal((await get('/plain/none')).headers['x-viewer-response'], undefined));
  await test('a bucket', async () => {
    const [file, none, folder] = [await get('/bucket/a.txt'), await get('/bucket/b.txt'), await get('/bucket/')];
    assert.deepEqual([file.text, file.status, none.status, folder.status], ['a file\n', 200, 404, 404]);
  });
  await test('an origin that is dead', async () => assert.deepEqual([(await get('/dead/x')).status, (await get('/plain/x')).status], [502, 200]));

  await test('https only', async () => assert.deepEqual([(await get('/secure/only/x')).status, (await get('/secure/only/x', {}, { secure: true })).status], [403, 200]));
  await test('redirect to https', async () => {
    const { status, headers, cache } = await get('/secure/moved/x%20y?a=1');
    assert.deepEqual([status, headers.location, cache], [301, `https://127.0.0.1:${https}/secure/moved/x%20y?a=1`, 'Redirect']);
    assert.equal((await get('/secure/moved/x', { Host: 'www.example.com' })).headers.location, 'https://www.example.com/secure/moved/x');
    assert.equal((await get('/secure/moved/x', {}, { method: 'POST', body: 'x' })).status, 307);
    assert.equal((await get('/secure/moved/x', {}, { secure: true })).status, 200);
  });
  for (const [path, method, status] of [['/plain/m', 'POST', 403], ['/plain/m', 'OPTIONS', 403], ['/methods/three/m', 'OPTIONS', 200], ['/methods/three/m', 'PUT', 403], ['/to/nothing/m', 'DELETE', 200], ['/plain/m', 'HEAD', 200]])
    await test(`${method} ${path}`, async () => assert.equal((await get(path, {}, { method })).status, status));
  await test('OPTIONS is not cached', async () => {
    const [one, two] = [await get('/methods/three/o', {}, { method: 'OPTIONS' }), await get('/methods/three/o', {}, { method: 'OPTIONS' })];
    assert.notEqual(one.seen.number, two.seen.number);
  });
  await test('an error page', async () => {
    const { status, seen, cache } = await get('/plain/(status=451)');
    assert.deepEqual([status, seen.url, cache], [200, '/errors/451.html', 'Miss']);
  });
  await test('data of the start page', async () => {
    const { text } = await get('/__edge/data.js');
    const edge = Function('window', `${text}; return window.edge;`)({});
    assert.equal(edge.behaviors.length, settings.CacheBehaviors.length + 1);
    assert.deepEqual(edge.behaviors.at(-1).pattern, '*');
    assert.deepEqual(edge.behaviors.find(({ pattern }) => pattern === '/four/*').functions.map(({ name, dialect }) => `${name} ${dialect}`),
      ['mark functions', 'mark lambda', 'mark lambda', 'security_headers functions']);
    const targets = edge.tries.map(({ target }) => target), patterns = edge.behaviors.map(({ pattern }) => pattern);
    assert.equal(targets.length, patterns.length, 'one for each path pattern');
    assert.deepEqual([targets[0], targets[1], targets[3], targets.at(-1)], ['/order/aexample', '/order/example', '/example.gif', '/']);
    assert.deepEqual(edge.tries[patterns.indexOf('slash/?.jp*g')].target, '/slash/x.jpexampleg');
    assert.deepEqual(edge.tries[patterns.indexOf('/four/*')].about, 'viewer-request: mark, origin-request: mark, origin-response: mark, viewer-response: security_headers');
    for (const [i, { target, scheme, about }] of edge.tries.entries()) {
      const match = patterns.findIndex((pattern) => new RegExp(`^/?${pattern.replace(/[.+$^{}()|\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(pattern.startsWith('/') ? target : target.slice(1)));
      assert.equal(patterns[match], patterns[i], `${target} is for ${patterns[i]}`);
      assert.ok(about.length > 0);
      assert.equal(scheme, /^.secure/.test(target) ? 'https' : 'http');
    }
    assert.deepEqual(edge.tries[patterns.indexOf('/bucket/*')].target, '/bucket/a.txt', 'a file of the directory');
  });

  await sleep(Math.max(0, started + 2600 - Date.now()));
  for (const [i, age] of ages.entries()) await test(`${age[0]}: after 2.5 s`, () => aged(age, i, true));

  await test('stale-while-revalidate has no effect', async () => {
    const { cache, seen } = await get(revalidated);
    assert.deepEqual([cache, seen.number > old], ['Miss', true]);
  });
  await test('an origin that fails', async () => {
    fails = true;
    const [old, none] = [await get(stale), await get('/plain/fails')];
    fails = false;
    assert.deepEqual([old.status, none.status], [502, 502]); // CloudFront would send the old response
    assert.equal((await get('/plain/fails')).status, 502); // an error is kept for 10 seconds
  });

  // --- what is saved

  const kept = (await get('/reload/kept')).seen.number;
  const same = async (what) => assert.deepEqual([(await get('/reload/kept')).cache, (await get('/reload/kept')).seen.number], ['Hit', kept], what);
  const saved = async (what, change, pattern, check) => test(`saved: ${what}`, async () => {
    const from = said.length;
    change();
    await says(pattern, from);
    for (let i = 0; ; i++) { // workers that answer requests end later
      try { await check(said.slice(from)); break; } catch (error) { if (i === 100) throw error; await sleep(25); }
    }
    await same(what);
  });
  await saved('a function', () => writeFileSync(`${own}/mark.c`, source('X-Changed')), /reloaded/, async () => assert.equal((await get('/chain/x')).headers['x-changed'], 'one'));
  await saved('a header next to it', () => writeFileSync(`${own}/keys.h`, '#define WORD "two"\n'), /reloaded/, async () => assert.equal((await get('/chain/x')).headers['x-changed'], 'two'));
  await saved('a function that does not compile', () => writeFileSync(`${own}/mark.c`, 'int x = ;\n'), /not reloaded/, async (text) => {
    assert.match(text, /mark\.c:1:.*error/);
    assert.equal((await get('/chain/x')).headers['x-changed'], 'two');
  });
  await saved('the function again', () => writeFileSync(`${own}/mark.c`, source('X-Again')), /reloaded/, async () => assert.equal((await get('/chain/x')).headers['x-again'], 'two'));
  await saved('wrong settings', () => write('{\n  "Origins": [],\n  "Orijin": 1\n}\n'), /not reloaded/, async (text) => {
    assert.match(text, /edge\.json:3:3: error: the file has no "Orijin": did you mean "Origins"\?/);
    assert.equal((await get('/order/abc')).headers['x-behavior'], 'first');
  });
  settings.CacheBehaviors.splice(0, 1);
  settings.ResponseHeadersPolicies[1].CustomHeadersConfig.Items[0].Value = 'third';
  await saved('settings', () => write(), /reloaded/, async () => assert.equal((await get('/order/abc')).headers['x-behavior'], 'third'));
  await test('saved: functions in JavaScript and Python run as before', async () => assert.equal((await get('/js/x')).headers['x-py'], 'one'));
  writeFileSync(`${own}/lambda_function.py`, readFileSync(`${own}/lambda_function.py`, 'utf8').replace("'one'", "'two'"));
  await test('saved: a function in Python', async () => {
    for (let i = 0; (await get('/js/x')).headers['x-py'] !== 'two'; i++) {
      assert.ok(i < 100);
      await sleep(50);
    }
  });
  settings.Tables.kv.plain = 'another';
  await saved('a table', () => write(), /reloaded/, async () => assert.equal((await get('/js/x')).seen.headers['x-js'], 'another'));
  await test('saved: the page', async () => assert.doesNotMatch((await get('/__edge/data.js')).text, /"\/order\/a\*"/));
  await test('the cache is emptied', async () => {
    spawnSync('find', [`${dir}/cache`, '-type', 'f', '-exec', 'rm', '-f', '{}', '+']); // what `make cloudfront-empty` does
    const { cache, seen } = await get('/reload/kept');
    assert.equal(cache, 'Miss');
    assert.ok(seen.number > kept);
  });
  assert.match(readFileSync('examples/hosts/hosts.mk', 'utf8'), /find build\/cloudfront-\$\(or \$\(PORT\),8080\)\/cache -type f -exec rm -f \{\} \+/);
} finally {
  run.kill('SIGTERM');
  await ended;
  origin.closeAllConnections();
  origin.close();
}
await test('no process is left', async () => {
  for (let i = 0; spawnSync('ps', ['-ef'], { encoding: 'utf8' }).stdout.includes(own); i++) {
    assert.ok(i < 100);
    await sleep(50);
  }
});
if (process.env.VERBOSE) console.error(said);
printCounts();
