// npm_simulator.cjs - the check behind serverless-offline-edge-lambda, as README.md shows it: a refused result becomes an error page.
//     node tests/hosts/npm_simulator.cjs DIRECTORY SIMULATOR      DIRECTORY has offline.js of the README and node_modules/edgefn
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const [app, simulator] = process.argv.slice(2).map((name) => path.resolve(name));
const { BehaviorRouter } = require(path.join(simulator, 'dist/behavior-router.js'));

// The functions: the README's offline.js around handler.js, and around response.js with another type.
fs.writeFileSync(path.join(app, 'handler.js'), `
  exports.handler = async (event) => {
    const { request } = event.Records[0].cf;
    if (request.uri === '/host') request.headers.host = [{ key: 'Host', value: 'other.example' }];
    if (request.uri === '/status') return { status: '600', headers: {} };
    if (request.uri === '/moved') return { status: '302', headers: { location: [{ key: 'Location', value: '/' }] } };
    request.uri += '?no'.slice(0, request.uri === '/uri' ? 3 : 0);
    return request;
  };`);
fs.writeFileSync(path.join(app, 'response.js'), `
  exports.handler = (event, context, callback) => {
    const { request, response } = event.Records[0].cf;
    response.headers['x-frame-options'] = [{ key: 'X-Frame-Options', value: 'DENY' }];
    if (request.uri === '/via') response.headers.connection = [{ key: 'Connection', value: 'close' }];
    callback(null, response);
  };`);
fs.writeFileSync(path.join(app, 'offline-response.js'), fs.readFileSync(path.join(app, 'offline.js'), 'utf8')
  .replace('./handler.js', './response.js').replace("'viewer-request'", "'viewer-response'"));
const functions = {
  request: { name: 'request', handler: 'offline.handler', lambdaAtEdge: { distribution: '', eventType: 'viewer-request', pathPattern: '*' } },
  response: { name: 'response', handler: 'offline-response.handler', lambdaAtEdge: { distribution: '', eventType: 'viewer-response', pathPattern: '*' } },
};

const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const get = (port, uri) => new Promise((done, fail) => http.get({ host: '127.0.0.1', port, path: uri, headers: { host: 'www.example.com' }, agent: false }, (response) => {
  let body = '';
  response.on('data', (part) => (body += part)).on('end', () => done({ status: response.statusCode, headers: response.headers, body }));
}).on('error', fail));

async function main() {
  const origin = await listen(http.createServer((request, response) => response.end(`origin: ${request.url}`)));
  const router = new BehaviorRouter({
    cli: { log() {} },
    service: { resources: {}, custom: { offlineEdgeLambda: { path: app, originMap: [{ pathPattern: '*', target: `http://127.0.0.1:${origin}` }] } }, functions },
  }, { cacheDir: path.join(app, 'cache'), fileDir: path.join(app, 'files'), disableCache: true });
  console.log = () => {};
  router.start(0);
  while (!router.server?.listening) await new Promise((done) => setTimeout(done, 20));
  const { port } = router.server.address();

  const page = await get(port, '/page');
  assert.deepEqual([page.status, page.body, page.headers['x-frame-options']], [200, 'origin: /page', 'DENY'], page.body);
  const moved = await get(port, '/moved');
  assert.deepEqual([moved.status, moved.headers.location], [302, '/'], moved.body);
  for (const [uri, rule] of [['/host', 'header.read-only.changed'], ['/status', 'status.range'], ['/uri', 'uri.characters'], ['/via', 'header.disallowed']]) {
    const refused = await get(port, uri);
    assert.equal(refused.status, 500);
    assert.match(refused.body, new RegExp(`CloudFront would answer with status 502.*\\(${rule.replaceAll('.', '\\.')}\\)`));
  }
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
