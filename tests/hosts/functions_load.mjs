// functions_load.mjs - a distribution with functions in JavaScript and Python at all triggers, under load; tests/deep_functions.sh starts this in the top directory:
//     node tests/hosts/functions_load.mjs DIRECTORY REQUESTS [CONNECTIONS]      MINUTES=20: ends after that time, with fewer requests
// Each answer is compared with what it must be: headers of 27 kB both ways, bodies, generated answers, edits at every trigger, throws, results that are
// refused. In the last third nginx is reloaded and processes of functions are killed: only events that were in that process may be lost.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { printCounts, test } from './count.mjs';
import { desk, directory, processes, sleep } from './functions_desk.mjs';

const requests = Number(process.argv[3]), connections = Number(process.argv[4] ?? 16), own = join(directory, 'own');
const large = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x-large-${i}`, `${i}`.padEnd(900 - 12, 'abcdefghij')]));
mkdirSync(own, { recursive: true });
cpSync('tests/hosts/functions/load', own, { recursive: true });

// The origin answers with what it got, and with large headers if it got some.
let received = 0;
const origin = http.createServer({ maxHeaderSize: 65536 }, (request, response) => {
  const chunks = [];
  received++;
  request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'max-age=600', ...(request.headers['x-large-0'] ? large : {}) };
    const body = JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(200, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
  });
});
await new Promise((done) => origin.listen(0, '127.0.0.1', done));

// ---- the settings: the same functions' behaviour in JavaScript (/js/), in Python (/py/), and at viewer triggers in CloudFront Functions (/cff/)
const all = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'], types = ['viewer-request', 'origin-request', 'origin-response', 'viewer-response'];
const behavior = (more) => ({ TargetOriginId: 'one', ViewerProtocolPolicy: 'allow-all', AllowedMethods: all, CachePolicyId: 'key', OriginRequestPolicyId: 'AllViewer', ...more });
const four = (file) => ({ LambdaFunctionAssociations: types.map((EventType) => ({ EventType, LambdaFunctionARN: file, ...(EventType.endsWith('request') ? { IncludeBody: true } : {}) })) });
const config = join(own, 'edge.json');
writeFileSync(config, JSON.stringify({
  Origins: [{ Id: 'one', DomainName: 'one.example.com', Address: `127.0.0.1:${origin.address().port}`, CustomOriginConfig: { OriginProtocolPolicy: 'http-only' } }],
  CacheBehaviors: [behavior({ PathPattern: '/js/*', ...four('load.mjs') }), behavior({ PathPattern: '/py/*', ...four('load.py') }),
    behavior({ PathPattern: '/cff/*', FunctionAssociations: ['viewer-request', 'viewer-response'].map((EventType) => ({ EventType, FunctionARN: 'load.js' })) })],
  DefaultCacheBehavior: behavior({}),
  CachePolicies: [{ Name: 'key', MinTTL: 0, DefaultTTL: 600, MaxTTL: 600, ParametersInCacheKeyAndForwardedToOrigin: { QueryStringsConfig: { QueryStringBehavior: 'all' } } }],
}, null, 2));

// ---- requests: [what, kinds, { method, headers, body }, the answer is right]
const edited = (kind) => (kind === 'cff' ? ['viewer-request'] : ['viewer-request', 'origin-request']);
const back = (kind) => (kind === 'cff' ? ['viewer-response'] : ['origin-response', 'viewer-response']);
function sees({ status, headers, body }, kind) {
  assert.equal(status, 200, body.slice(0, 300));
  const seen = JSON.parse(body);
  for (const type of edited(kind)) assert.equal(seen.headers[`x-${type}`], 'ran', type);
  for (const type of back(kind)) assert.equal(headers[`x-${type}`], 'ran', type);
  return seen;
}
const fails = (status) => (answer) => { assert.equal(answer.status, status, answer.body.slice(0, 300)); assert.match(answer.headers['x-cache'], status === 503 ? /ExecutionError/ : /ValidationError/); };
const both = ['js', 'py'], each = ['js', 'py', 'cff'], text = 'a body with ümlauts, '.repeat(700);
const works = [
  ['miss', each, {}, (answer, kind, path) => assert.equal(sees(answer, kind).url, path)],
  ['hit', each, {}, (answer, kind) => sees(answer, kind)],
  ['large', each, { headers: large }, (answer, kind) => {
    const seen = sees(answer, kind);
    for (const [name, value] of Object.entries(large)) {
      const changed = name === 'x-large-7' ? 'changed' : value;
      assert.equal(seen.headers[name], changed);
      assert.equal(answer.headers[name], changed);
    }
  }],
  ['body', each, { method: 'POST', body: text }, (answer, kind) => assert.equal(sees(answer, kind).body, text)],
  ['replaced', both, { method: 'POST', body: text }, (answer, kind) => assert.equal(sees(answer, kind).body, text.toUpperCase())],
  ['answer/viewer-request', each, {}, ({ status, body }) => assert.deepEqual([status, body], [218, 'x'.repeat(20000)])],
  ['answer/origin-request', both, {}, ({ status, headers, body }) => assert.deepEqual([status, headers['x-viewer-response'], body], [218, 'ran', 'x'.repeat(20000)])],
  ['body/origin-response', both, {}, ({ status, headers, body }) => assert.deepEqual([status, headers['x-viewer-response'], body], [203, 'ran', 'x'.repeat(20000)])],
  ...types.map((type) => [`throw/${type}`, both, {}, fails(503)]),
  ['throw/viewer-request', ['cff'], {}, fails(503)], ['throw/viewer-response', ['cff'], {}, fails(503)],
  ...['viewer-request', 'viewer-response'].map((type) => [`via/${type}`, each, {}, fails(502)]),
  ['plain', ['none'], {}, ({ status, body }) => { assert.equal(status, 200); assert.match(JSON.parse(body).url, /^\/none\/plain/); }],
].flatMap(([what, kinds, options, right]) => kinds.map((kind) => ({ what, kind, options, right })));

const agent = new http.Agent({ keepAlive: true }); // with maxSockets, Node.js does not say that a socket was used before
const ask = (port, path, { method = 'GET', headers = {}, body } = {}) => new Promise((done, failed) => {
  const request = http.request({ port, host: '127.0.0.1', path, method, headers, agent, maxHeaderSize: 65536 }, (response) => {
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk)).on('error', failed).on('end', () => done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }));
  });
  request.on('error', (error) => (request.reusedSocket && error.code === 'ECONNRESET' ? ask(port, path, { method, headers, body }).then(done, failed) : failed(error))); // the server closed it meanwhile
  request.setTimeout(120000, () => request.destroy(new Error('time'))).end(body);
});

const status = (pid, member) => { try { return Number(new RegExp(`^${member}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]); } catch { return 0; } };

// The processes of this desk's functions: their words have the function's path.
const runners = (kind) => processes().filter(([, command]) => command.includes(`\0${own}/load.`) && kind.test(command)).map(([pid]) => pid);

// The private memory of processes, in MB: RSS would include the cache's shared memory
const memory = (pids) => Math.round(pids.reduce((sum, pid) => sum + status(pid, 'RssAnon'), 0) / 1024);

await desk(origin, 'load', { CONFIG: config, ACCESS_LOG: '/dev/null', LOG: join(directory, 'load', 'desk', 'error.log') }, async ({ port, dir, said }) => {
  const server = () => Number(readFileSync(join(dir, 'nginx.pid'), 'utf8')), statuses = {}, wrong = {}, figures = [];
  let sent = 0, excused = 0, slow = 0, killed = 0, reloads = 0, lastKill = -Infinity;
  const began = Date.now();
  async function some(until, end) {
    while (sent < until && Date.now() < end) {
      const n = sent++, { what, kind, options, right } = works[n % works.length], path = `/${kind}/${what}${/^hit|^answer\/viewer|^throw|^via/.test(what) ? '' : `?n=${n}`}`, started = Date.now();
      try {
        const answer = await ask(port, path, options);
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        if (answer.status === 503 && /was not loaded within|it took longer than/.test(answer.body)) slow++; // the limits of time, on a machine that has other work
        else if (answer.status === 503 && killed > 0 && started < lastKill + 10000 && /its process has ended|ended with signal 9/.test(answer.body)) excused++;
        else right(answer, kind, path);
      } catch (error) {
        const key = `${kind}/${what}: ${String(error.message).split('\n').slice(0, 3).join(' ')}`;
        if (!wrong[key]) console.log(key, String(error.stack).slice(0, 600));
        wrong[key] = (wrong[key] ?? 0) + 1;
      }
    }
  }
  const figure = () => {
    const [nginx, js, py] = [memory(processes().filter(([pid, command]) => /^nginx: worker/.test(command) && status(pid, 'PPid') === server()).map(([pid]) => pid)), memory(runners(/^node\0/)), memory(runners(/run\.py\0/))], seconds = (Date.now() - began) / 1000;
    figures.push({ sent, nginx, js, py });
    console.log(`${sent} requests, ${Math.round(sent / seconds)} per second: nginx ${nginx} MB, functions in JavaScript ${js} MB, in Python ${py} MB`);
  };
  // part of all: so many requests, and with MINUTES= at most so much time
  const phase = (part) => Promise.all(Array.from({ length: connections }, () => some(Math.floor(requests * part), began + (Number(process.env.MINUTES) || Infinity) * 60000 * part)));
  for (let part = 1; part <= 6; part++) {
    await phase(part / 9);
    figure();
  }
  await test('every answer is right', () => assert.deepEqual(wrong, {}));
  await test('few exceeded a limit of time', () => assert.ok(slow <= sent / 100, `${slow} of ${sent}`));
  await test('memory is flat', () => {
    const [first, last] = [figures[1], figures.at(-1)];
    assert.ok(last.nginx <= first.nginx * 1.1 + 8, `nginx: ${first.nginx} to ${last.nginx} MB`);
    assert.ok(last.js <= first.js * 1.5 + 100, `JavaScript: ${first.js} to ${last.js} MB`);
    assert.ok(last.py <= first.py * 1.5 + 50, `Python: ${first.py} to ${last.py} MB`);
  });

  // reloads, and processes that are killed
  let over = false;
  const disturbs = (async () => {
    for (let i = 0; !over; i++) {
      await sleep(1500);
      if (over) break;
      if (i % 2 === 0) {
        process.kill(server(), 'SIGHUP');
        reloads++;
        continue;
      }
      const all = runners(/^node\0|run\.py\0/), pid = all[Math.floor(Math.random() * all.length)];
      if (pid === undefined) continue;
      lastKill = Date.now();
      killed++;
      try { process.kill(Number(pid), 'SIGKILL'); } catch { /* it has ended */ }
    }
  })();
  await phase(1);
  over = true;
  await disturbs;
  figure();
  console.log(`${sent} requests in ${Math.round((Date.now() - began) / 1000)} s, ${connections} at a time; the origin got ${received}; ${JSON.stringify(statuses)}; ${reloads} reloads; ${killed} processes killed, ${excused} events were in them, ${slow} exceeded a limit of time`);
  await test('every answer is right during reloads and kills', () => assert.deepEqual(wrong, {}));
  await test('few events were lost', () => assert.ok(excused + slow <= killed * connections * 2, `${excused} of ${killed} kills`));
  await test('everything works afterwards', async () => {
    await sleep(1500);
    for (const { what, kind, options, right } of works) right(await ask(port, `/${kind}/${what}?after`, options), kind, `/${kind}/${what}?after`);
  });
  if (process.env.VERBOSE) console.log(said().slice(-3000));
  agent.destroy();
});
origin.closeAllConnections();
origin.close();
printCounts();
