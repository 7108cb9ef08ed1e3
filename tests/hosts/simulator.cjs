// simulator.cjs - requests through serverless-offline-edge-lambda, with functions of the zip at three triggers.
//     node tests/hosts/simulator.cjs BUILD MODULE
// It does not apply CloudFront's rules: it checks nothing, requires requests to be edited in place, and calls every event viewer-request.
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const [build, simulator] = process.argv.slice(2).map((name) => path.resolve(name));
const { BehaviorRouter } = require(path.join(simulator, 'dist/behavior-router.js'));

// For each trigger: the function, wrapped in a shim that corrects how the simulator calls it.
const shims = path.join(build, 'simulator');
fs.mkdirSync(shims, { recursive: true });
const functions = {};
for (const [handler, eventType, pathPattern] of [
  ['redirect_https', 'viewer-request', '/old/*'], // the first pattern that matches wins
  ['index_pages', 'viewer-request', '*'],
  ['index_pages', 'origin-request', '*'],
  ['add_security_headers', 'viewer-response', '*'],
]) {
  const name = `${handler}-${eventType}`;
  fs.cpSync(path.join(build, 'function'), path.join(shims, name), { recursive: true });
  fs.copyFileSync(`build/handlers/${handler}.wasm`, path.join(shims, name, 'handler.wasm'));
  fs.writeFileSync(path.join(shims, `${name}.js`), `
    exports.fn = async (event) => {
      const { handler } = await import('./${name}/index.mjs');
      const { cf } = event.Records[0];
      cf.config.eventType = '${eventType}';
      const result = await handler(event);
      return result.status === undefined ? Object.assign(cf.request, result) : result;
    };`);
  functions[name] = { name, handler: `${name}.fn`, lambdaAtEdge: { distribution: '', eventType, pathPattern } };
}

const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const get = (port, uri, headers = {}) =>
  new Promise((done, fail) =>
    http.get({ host: '127.0.0.1', port, path: uri, headers: { host: 'www.example.com', ...headers }, agent: false }, (response) => {
      let body = '';
      response.on('data', (part) => (body += part)).on('end', () => done({ status: response.statusCode, headers: response.headers, body }));
    }).on('error', fail));

async function main() {
  const origin = await listen(http.createServer((request, response) => response.end(`origin: ${request.url}`)));
  const originMap = ['*', '/old/*'].map((pathPattern) => ({ pathPattern, target: `http://127.0.0.1:${origin}` }));
  const router = new BehaviorRouter({
    cli: { log() {} },
    service: { resources: {}, custom: { offlineEdgeLambda: { path: shims, originMap } }, functions },
  }, { cacheDir: path.join(build, 'cache'), fileDir: path.join(build, 'files'), disableCache: true });
  console.log = () => {};
  router.start(0);
  while (!router.server?.listening) await new Promise((done) => setTimeout(done, 20));
  const { port } = router.server.address();

  const folder = await get(port, '/docs');
  assert.equal(folder.status, 301);
  assert.equal(folder.headers.location, 'https://www.example.com/docs/');
  const page = await get(port, '/docs/');
  assert.match(page.body, /origin: \/docs\/index\.html$/);
  assert.equal(page.headers['x-frame-options'], 'DENY');
  const moved = await get(port, '/old/a?b=1', { 'cloudfront-forwarded-proto': 'http' });
  assert.equal(moved.status, 301);
  assert.equal(moved.headers.location, 'https://www.example.com/old/a?b=1');
  assert.match((await get(port, '/old/a', { 'cloudfront-forwarded-proto': 'https' })).body, /origin: \/old\/a/);
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
