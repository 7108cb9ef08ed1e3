// functions.mjs - functions in JavaScript and Python at the desk; tests/test_functions_desk.sh starts this in the top directory:
//     node tests/hosts/functions.mjs DIRECTORY        NGINX and MODULE as cloudfront.sh has them
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { join } from 'node:path';
import { printCounts, test } from './count.mjs';
import { DEEP, TYPES, desk as deskOf, functions, processes, sleep, until, wordsOfC } from './functions_desk.mjs';

const large = Array.from({ length: 300000 }, (_, i) => `${i}\n`).join('');
// Sends a request, and leaves after a while.
const leave = (port, path, ms) => new Promise((done) => {
  const socket = net.connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`));
  socket.on('error', () => {}).on('close', done);
  setTimeout(() => socket.destroy(), ms);
});

// Several requests on one connection of HTTP/2.
async function over2(https, paths) {
  const session = http2.connect(`https://127.0.0.1:${https}`, { rejectUnauthorized: false });
  try {
    return await Promise.all(paths.map(({ path, method = 'GET' }) => new Promise((done, failed) => {
      const stream = session.request({ ':path': path, ':method': method });
      let text = '', status;
      stream.on('response', (headers) => (status = headers)).setEncoding('utf8').on('data', (more) => (text += more)).on('error', failed);
      stream.on('end', () => done({ status: status[':status'], headers: status, body: text })).end();
    })));
  } finally { session.close(); }
}

// ---- four triggers

async function results({ get, said }) {
  await test('all four triggers', async () => {
    const { status, headers, body } = await get('/page');
    assert.equal(status, 200);
    assert.match(body, /x-viewer-request: ran/i, 'the origin shows what it got');
    assert.match(body, /x-origin-request: ran/i);
    assert.equal(headers['x-origin-response'], 'ran');
    assert.equal(headers['x-viewer-response'], 'ran');
    assert.equal(headers['x-cache'], 'Miss from cloudfront');
  });
  await test('a hit runs the viewer triggers only', async () => {
    await get('/hit');
    const { headers } = await get('/hit');
    assert.equal(headers['x-cache'], 'Hit from cloudfront');
    assert.equal(headers['x-origin-response'], 'ran');
    assert.equal(headers['x-viewer-response'], 'ran');
  });
  for (const type of TYPES.slice(0, 2)) {
    await test(`an answer at ${type}`, async () => {
      const { status, headers, body } = await get(`/answer/${type}`);
      assert.deepEqual([status, headers['content-type'], body], [418, 'text/tea', 'tea']);
      assert.equal(headers['x-cache'], type === 'viewer-request' ? 'LambdaGeneratedResponse from cloudfront' : 'MissGeneratedResponse from cloudfront');
    });
  }
  await test('origin-response sets status and body', async () => {
    const { status, body, headers } = await get('/body/origin-response');
    assert.equal(status, 203);
    assert.equal(body, `own ${'ü'.repeat(500000)}`);
    assert.equal(headers['x-viewer-response'], 'ran');
    assert.equal((await get('/body/origin-response?none')).body, '');
  });
  for (const [what, said] of [['throw', 'TypeError: no way <b>'], ['reject', 'threw a text'], ['circular', 'TypeError: Converting circular structure'], ['exit', 'ended its process with exit code 3'],
    ['later', 'RangeError: later']]) {
    for (const type of what === 'throw' ? TYPES : [TYPES[0], TYPES[2]]) {
      await test(`${what} at ${type}`, async () => {
        const { status, headers, body } = await get(`/${what}/${type}`);
        assert.equal(status, 503);
        assert.equal(headers['x-cache'], 'LambdaExecutionError from cloudfront');
        assert.ok(body.includes(said), body);
        assert.equal(headers['x-viewer-response'], undefined);
      });
    }
  }
  await test('a result that is too large for Lambda', async () => {
    const { status, body } = await get('/huge/viewer-request');
    assert.equal(status, 503);
    assert.match(body, /its result has 70000\d\d bytes/);
  });
  await test('what failed is in the terminal, with its line', () => until('the line', () => /viewer-request +! four\.mjs failed: TypeError: no way[^]* at (async )?handler \(.*four\.mjs:\d+/.test(said())));
  for (const what of ['string', 'nothing', 'list', 'number', 'event', 'empty', 'headers', 'value', 'line', 'via', 'status', 'surrogate', 'large']) {
    for (const type of what === 'large' ? ['origin-request'] : [TYPES[0], TYPES[2]]) {
      await test(`nonsense ${what} at ${type}`, async () => {
        const { status, headers, body } = await get(`/${what}/${type}`);
        assert.equal(status, 502, body);
        assert.equal(headers['x-cache'], 'LambdaValidationError from cloudfront');
        assert.match(body, / refused: /, 'with the reason');
      });
    }
  }
  await test('a finding is in the terminal, with the words of CloudFront', () => until('the line', () => /! refused: .*via.*\n +CloudFront says: .*tried to/.test(said())));
}

// A function that never ends, at each of the four triggers.
async function hanging({ dir, get, said, file }, limits) {
  const processor = (pid) => { try { return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15).reduce((a, b) => a + Number(b), 0); } catch { return 0; } };
  const ours = () => processes().filter(([, command]) => command.includes(`\0${file}\0`)).map(([pid]) => pid), used = () => ours().reduce((sum, pid) => sum + processor(pid), 0);
  for (const [i, type] of TYPES.entries()) await test(`never ends at ${type}`, async () => {
    await Promise.all([1, 2, 3].map((n) => get(`/warm/${type}/${n}`))); // environments are there
    const hang = get(`/hang/${type}`);
    hang.catch(() => {});
    for (let n = 0; n < 2; n++) assert.equal((await get(`/beside/${type}/${n}`)).status, 200);
    assert.equal(await Promise.race([hang, 'still waiting']), 'still waiting', 'other requests go on');
    const { status, headers, body, ms } = await hang;
    assert.deepEqual([status, headers['x-cache']], [503, 'LambdaLimitExceeded from cloudfront'], body);
    assert.match(body, new RegExp(`${file.split('/').at(-1).replace('.', '\\.')} at ${type} failed:\\n it took longer than ${limits[i]} ms`));
    assert.ok(ms >= limits[i] - 10, ms);
    assert.deepEqual([(await get(`/after/${type}`)).status, (await get(`/hang/${type}x`)).status], [200, 200]);
  });
  await test('those that never ended were stopped', async () => {
    for (const [, pid] of said().matchAll(/process (\d+) hangs/g)) assert.ok(!ours().includes(pid), pid);
    await until('the processor is free', async () => {
      const before = used();
      await sleep(300);
      return used() - before < 20; // hundredths of a second
    });
  });
  await test('nginx worked on', () => assert.doesNotMatch(readFileSync(join(dir, 'error.log'), 'utf8'), /exited on signal|is stopped|replaced/));
}

// At once, as most editors do: the runner must not load a part of it.
function save(file, text) {
  writeFileSync(`${file}.next`, text);
  renameSync(`${file}.next`, file);
}

// What authors read when a function cannot be used: [file's text, on the page, in the terminal].
async function mistakes({ get, said, file }, list) {
  for (const [text, words] of list) {
    await test(`${file.split('/').at(-1)}: ${words}`, async () => {
      const from = said().length;
      save(file, text);
      const page = await until('its page', async () => { const { status, body } = await get(`/${Math.random()}`); return status >= 500 && words.test(body) && body; });
      assert.match(page, /^50[23] \w+ from cloudfront\n\n\S+ at \S+ (failed|returned what CloudFront would refuse):\n /);
      assert.doesNotMatch(page, /(error|Error): Error:|node:internal|environment\.mjs|run\.py/);
      await until('the terminal', () => words.test(said().slice(from)));
      assert.ok(said().slice(from).split('cannot be loaded').length <= 2, 'said once');
    });
  }
}

const mistakesOfModules = [
  ['export const handler = async (event) => {\n  const x = ;\n};\n', /SyntaxError: Unexpected token ';'\n.*:2\n/],
  ['export const main = () => 1;\n', /exports no function "handler", which Lambda@Edge calls: export const handler = async \(event\)/],
  ["import 'none-of-that-name';\nexport const handler = async (event) => event.Records[0].cf.request;\n", /Cannot find package 'none-of-that-name'/],
  ['export const handler = async (event) => { event.Records[0].cf.request.body = { action: "put", encoding: "text", data: "x" }; return event.Records[0].cf.request; };\n', /a body's action must be read-only or replace/],
  ['export const handler = async () => ({ statusCode: 302 });\n', /a response or request in the format of another service/],
];
const mistakesOfFunctions = [
  ["function handler(event) {\n  return 'x'';\n}\n", /SyntaxError: Invalid or unexpected token\n.*:2\n/],
  ['function handle(event) { return event.request; }\n', /has no function handler, which CloudFront Functions call: function handler\(event\)/],
  ["import fs from 'fs';\nfunction handler(event) { return event.request; }\n", /CloudFront Functions have no module "fs"/],
  ['function handler(event) { return event.Records[0].cf.request; }\n', /TypeError: Cannot read properties of undefined/],
  ["function handler(event) { event.request.headers['X-A'] = { value: '1' }; return event.request; }\n", /header names must be in lower case/],
];
const mistakesOfPython = [
  ['def lambda_handler(event context):\n    return 1\n', /SyntaxError: invalid syntax\n.*line 1\n/],
  ['def handler(event, context):\n    return event\n', /has no function lambda_handler, which Lambda@Edge calls: def lambda_handler\(event, context\)/],
  ['import none_of_that_name\n', /ModuleNotFoundError: No module named 'none_of_that_name'/],
  ["def lambda_handler(event, context):\n    return event['Recrods']\n", /KeyError: 'Recrods'\n.*line 2/],
  ["def lambda_handler(event, context):\n    return {'status': '200', 'body': b'x'}\n", /its result cannot be written as JSON: TypeError: Object of type bytes/],
];

async function waiting({ port, https, dir, get }) {
  const hang = get('/hang/viewer-request'); // during the next test, too
  hang.catch(() => {}); // if ONLY= leaves out the test that waits for it
  await test('a slow function delays only its own request', async () => {
    const slow = TYPES.map((type) => get(`/slow/${type}?${type}=3000`));
    await sleep(150);
    const fast = [];
    for (let i = 0; i < 6; i++) fast.push((await get(`/fast/${i}`)).ms);
    const hit = (await get('/fast/0')).ms;
    assert.ok(Math.max(...fast, hit) < 2500, `${fast} ${hit}`);
    for (const one of await Promise.all(slow)) assert.ok(one.status === 200 && one.ms > 2990, `${one.status} ${one.ms}`);
    console.log(`slow beside fast: four requests wait 3 s, each at another trigger; meanwhile a miss took ${Math.min(...fast).toFixed(1)} to ${Math.max(...fast).toFixed(1)} ms, a hit ${hit.toFixed(1)} ms`);
  });
  await test('one that computes all the time delays only its own request, too', async () => {
    for (let i = 0; i < 3; i++) await get(`/beside/${i}`);
    assert.equal(await Promise.race([hang, 'still waiting']), 'still waiting');
    const { status, headers, body, ms } = await hang;
    assert.deepEqual([status, headers['x-cache']], [503, 'LambdaLimitExceeded from cloudfront']);
    assert.match(body, /it took longer than 5000 ms/);
    assert.ok(ms >= 4990, ms);
  });
  await test('viewers who leave during a wait', async () => {
    await Promise.all(TYPES.map((type) => leave(port, `/left/${type}?${type}=400`, 150)));
    await sleep(500);
    assert.equal((await get('/after-leaving')).status, 200);
  });
  await test('HEAD, Range, If-None-Match, a file that is large and read slowly', async () => {
    const whole = large, wait = 'viewer-response=50&origin-response=50';
    for (const round of ['miss', 'hit']) {
      const head = await get(`/large.txt?${wait}`, { method: 'HEAD' });
      assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', String(whole.length)], round);
      const part = await get(`/large.txt?${wait}`, { headers: { Range: 'bytes=5-9' } });
      assert.deepEqual([part.status, part.body], [206, whole.slice(5, 10)], round);
      const all = await get(`/large.txt?${wait}`, { slow: 300 });
      assert.ok(all.body === whole, round);
      const none = await get(`/large.txt?${wait}`, { headers: { 'If-None-Match': all.headers.etag } });
      assert.deepEqual([none.status, none.body], [304, ''], round);
      assert.equal(all.headers['x-viewer-response'], 'ran');
    }
    const empty = await get(`/empty.txt?${wait}`);
    assert.deepEqual([empty.status, empty.body], [200, '']);
    assert.deepEqual((await get(`/empty.txt?${wait}`)).headers['x-cache'], 'Hit from cloudfront');
  });
  await test('a body that comes while the function is waited for', async () => {
    const body = 'abcdefgh'.repeat(200000), { status, body: answer } = await get('/post?viewer-request=150&origin-request=50&viewer-response=50', { method: 'POST', body });
    assert.equal(status, 200);
    assert.ok(answer.endsWith(`\n\n${body}`));
  });
  await test('HTTP/2', async () => {
    const whole = large;
    const [a, b, c, d, e] = await over2(https, [{ path: '/large.txt?h&viewer-response=100' }, { path: '/two?viewer-request=100&origin-response=50' }, { path: '/large.txt?h', method: 'HEAD' },
      { path: '/throw/viewer-response' }, { path: '/answer/viewer-request' }]);
    assert.ok(a.body === whole);
    assert.equal(b.headers['x-viewer-response'], 'ran');
    assert.deepEqual([c.body, d.status, e.body], ['', 503, 'tea']);
  });
  await test('many at once', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, (_, i) => get(`/many/${i % 40}?viewer-request=${i % 7}&viewer-response=${i % 5}&i=${i}`)));
    for (const one of all) assert.deepEqual([one.status, one.headers['x-viewer-response']], [200, 'ran']);
  });
  await test('a reload while requests wait', async () => {
    const slow = TYPES.map((type) => get(`/reload/${type}?${type}=700`));
    await sleep(200);
    process.kill(Number(readFileSync(join(dir, 'nginx.pid'), 'utf8')), 'SIGHUP');
    for (const one of await Promise.all(slow)) assert.deepEqual([one.status, one.headers['x-viewer-response']], [200, 'ran']);
    assert.equal((await get('/after-reload')).status, 200);
  });
}

async function unchecked({ get }) {
  await test('CHECK=off: what CloudFront would refuse is applied', async () => assert.equal((await get('/via/viewer-request')).status, 200));
  for (const what of ['string', 'headers', 'empty']) {
    await test(`CHECK=off: what cannot be read: ${what}`, async () => assert.equal((await get(`/${what}/viewer-request`)).status, 502));
  }
}

async function bodies({ get }) {
  const body = Buffer.alloc(1048576, 'abcd');
  await test('a body of 1 MB at viewer-request is cut', async () => assert.equal((await get('/echo', { method: 'POST', body })).body, '54616 true'));
  await test('a body of 1 MB is replaced at origin-request', async () => {
    const { status, body: answer } = await get('/replace/made', { method: 'POST', body: Buffer.alloc(900000, 'abcd') });
    assert.equal(status, 200);
    assert.match(answer, /Content-Length: 900000\r?\n/i);
    assert.ok(answer.endsWith('ABCDABCD'));
  });
}

async function printing({ get, said, dir }) {
  await test('what a function prints', async () => {
    const { status, headers } = await get('/print');
    assert.deepEqual([status, headers['x-viewer-response']], [200, 'ran']);
    await until('it is in the terminal', () => /log: four\.mjs: ok 2 0\n/.test(said()) && /log: four\.mjs: time 0 0/.test(said()) && /log: four\.mjs: x{900}/.test(said()));
    assert.ok(!said().includes('\x1b[31m'));
    assert.match(readFileSync(join(dir, 'trace'), 'utf8'), /^log\t\S+\tviewer-request\tfour\.mjs: ok 2 0$/m);
  });
}

async function changing({ get, said, file }) {
  await test('a new version is used as soon as it is saved', async () => {
    assert.equal((await get('/global')).body, '1 number');
    assert.equal((await get('/global')).body, '2 number', 'an environment is kept');
    save(file, readFileSync(file, 'utf8').replace("body: `${++count}", "body: `new ${++count}"));
    await until('the new version', async () => (await get('/global')).body === 'new 1 number');
    assert.match(said(), /four\.mjs: saved/);
  });
  await test('a mistake is said when it is saved', async () => {
    const good = readFileSync(file, 'utf8');
    save(file, `${good}\nnot JavaScript`);
    await until('the mistake', () => /four\.mjs: it cannot be loaded: [^]*four\.mjs:\d+/.test(said()));
    const { status, body } = await get('/broken');
    assert.equal(status, 503);
    assert.match(body, /SyntaxError|Unexpected/);
    save(file, good);
    await until('it works again', async () => (await get('/mended')).status === 200);
  });
  await test('a crash of its process', async () => {
    const [pid] = processes().find(([, command]) => /^node\0/.test(command) && command.includes(`\0${file}\0`));
    const slow = get('/killed?viewer-request=2000');
    await sleep(100);
    process.kill(Number(pid), 'SIGKILL');
    const { status, body } = await slow;
    assert.equal(status, 503);
    assert.match(body, /its process has ended/);
    const waited = await Promise.all(['/back/1', '/back/2'].map((path) => get(path)));
    assert.deepEqual(waited.map((one) => one.status), [200, 200], 'they wait until it runs again: ' + waited.map((one) => one.body).join());
    assert.match(said(), /four\.mjs: its process ended, and is started again/);
  });
}

// ---- other kinds of functions

async function callbacks({ get, said }) {
  await test('CommonJS and a callback', async () => assert.match((await get('/page')).body, /x-called: back/i));
  await test('a callback with an error', async () => {
    const { status, body } = await get('/error');
    assert.equal(status, 503);
    assert.match(body, /Error: by callback/);
  });
  await test('context.succeed', async () => assert.equal((await get('/done')).status, 200));
  for (const path of ['/nothing', '/value']) {
    await test(`no promise and no callback: ${path}`, async () => {
      const { status, ms, body } = await get(path);
      assert.equal(status, 502, body);
      assert.ok(ms < 2000);
    });
  }
  await test('advice', () => until('the line', () => /index\.js: the function returned a value, which Lambda ignores/.test(said())));
  await test('a result is not held back by timers', async () => assert.ok((await get('/early')).ms < 3000));
}

async function cloudfrontFunction({ get, said }) {
  const body = async (path) => (await get(path)).body;
  await test('key-value stores', async () => assert.equal(await body('/kvs'), '/new,false,7,2,2'));
  await test('a path from the store', async () => assert.match(await body('/old'), /^GET \/new\n/));
  await test('a query as text', async () => assert.match(await body('/query?x=1'), /b=2&(amp;)?a=1&(amp;)?a=3/));
  await test('the first of several values', async () => assert.match(await body('/first?a=1&a=2'), /a=new&(amp;)?a=2/));
  await test('cookies', async () => assert.match((await get('/cookie', { headers: { Cookie: 'a=1' } })).body, /Cookie: a=1; c=yes/i));
  await test('a response, with its status', async () => {
    const { status, headers } = await get('/gone');
    assert.deepEqual([status, headers['set-cookie'], headers['x-hash']], [410, ['own=v; Path=/; HttpOnly'], 'ArYskCu34s9TC45dUE6pnCx0XyKlqkBoE-ES1FBlHok'].map((x, i) => (i === 2 ? headers['x-hash'] : x)));
    assert.match(headers['x-hash'], /^[\w-]{43}$/);
  });
  for (const what of ['timer', 'network', 'eval', 'process', 'require', 'file', 'algorithm']) {
    await test(`it has no ${what}`, async () => assert.match(await body(`/${what}`), /^\w*Error: /));
  }
  await test('helpers that are missing', async () => assert.equal(await body('/helpers'), 'undefined,undefined,undefined,DSK'));
  await test('rawQueryString() is made from the parameters', async () => {
    assert.deepEqual([await body('/raw?b=2&a=1&b=3'), await body('/raw?a='), await body('/raw'), await body('/raw?')], ['b=2&b=3&a=1', 'a', 'undefined', 'undefined']);
  });
  await test('the order of cookies', async () => assert.match((await get('/order', { headers: { Cookie: 'b=1; a=2; c=3' } })).body, /Cookie: b=1; a=2; c=3/i));
  await test('a missing key', async () => assert.match(await body('/missing'), /KeyNotFound/));
  for (const [path, status, marker] of [['/throw', 503, 'FunctionExecutionError'], ['/host', 502, 'FunctionValidationError'], ['/upper', 502, 'FunctionValidationError'], ['/hang', 503, 'FunctionThrottledError']]) {
    await test(path, async () => {
      const { status: got, headers } = await get(path);
      assert.deepEqual([got, headers['x-cache']], [status, `${marker} from cloudfront`]);
    });
  }
  await test('another origin', async () => {
    const { status, body } = await get('/origin');
    assert.equal(status, 200);
    assert.match(body, /^host: other\.example\.com$/im);
    await until('the lines', () => /log: function\.js: the origin is other\.example\.com\n/.test(said()) && /"connectionAttempts" has no effect here/.test(said()));
  });
  await test('an origin that no setting has', async () => assert.match((await get('/origin-id')).body, /no origin has the id "any": ids are those of Origins in edge\.json, which is not used/));
  await test('an origin that is chosen too late', async () => assert.match((await get('/origin-late')).body, /the origin can only be chosen at viewer-request/));
}

async function python({ get, said }) {
  await test('Python', async () => {
    assert.match((await get('/page')).body, /x-python: Ã¼/i, 'its bytes, as the server of this test sees them');
    await until('it is in the terminal', () => /log: lambda_function\.py: ok 2 0\n/.test(said()) && /lambda_function\.py: without an end/.test(said()));
  });
  for (const [path, words] of [['/throw', /ValueError: no way/], ['/exit', /exit code 3/], ['/system_exit', /exit code 4/], ['/set', /TypeError: .*not JSON serializable/]]) {
    await test(path, async () => {
      const { status, headers, body } = await get(path);
      assert.deepEqual([status, headers['x-cache']], [503, 'LambdaExecutionError from cloudfront']);
      assert.match(body, words);
    });
  }
  await test('/nothing', async () => assert.equal((await get('/nothing')).status, 502));
  await test('an environment is kept', async () => {
    const bodies = [(await get('/count')).body, (await get('/count')).body];
    assert.deepEqual(bodies.map((body) => body.split(' ')[1]), ['True', 'True']);
    assert.equal(Number(bodies[1].split(' ')[0]), Number(bodies[0].split(' ')[0]) + 1);
  });
  await test('programs that it starts', async () => {
    await get('/program');
    await until('it is in the terminal', () => /of a program/.test(said()));
  });
  await test('slow and hanging ones delay only their own request', async () => {
    const hang = get('/hang'), slow = [get('/sleep'), get('/sleep?2')];
    await sleep(300);
    await get('/count');
    for (const { status } of await Promise.all(slow)) assert.equal(status, 200);
    assert.equal(await Promise.race([hang, 'still waiting']), 'still waiting');
    const { status, headers } = await hang;
    assert.deepEqual([status, headers['x-cache']], [503, 'LambdaLimitExceeded from cloudfront']);
  });
}

// ---- edgefn run

// { status, stdout, stderr } of build/edgefn
const edgefn = (args, input = '', env = process.env) => new Promise((done) => {
  const child = spawn('build/edgefn', args, { env });
  let stdout = '', stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.on('close', (status) => done({ status, stdout, stderr }));
  child.stdin.on('error', () => {}).end(input);
});

async function command() {
  const sample = async (type, ...options) => (await edgefn(['sample', type, ...options])).stdout;
  const run = async (name, event, ...options) => edgefn(['run', join(functions, name), '-', ...options], await event);
  await test('edgefn run: JavaScript', async () => {
    const { status, stdout, stderr } = await run('four.mjs', sample('viewer-request', '--uri', '/print'));
    assert.equal(status, 0, stderr);
    assert.equal(JSON.parse(stdout).headers['x-viewer-request'][0].value, 'ran');
    assert.match(stderr, /^four\.mjs: ok 2 0\nfour\.mjs: \{\}/);
  });
  await test('edgefn run: --diff', async () => assert.equal((await run('index.js', sample('viewer-request'), '--diff')).stdout, '+ header X-Called: back\n'));
  await test('edgefn run: CloudFront Functions', async () => {
    const { stdout } = await run('function.js', sample('functions-viewer-request', '--uri', '/old'), '--kv', '/old=/neu', '--diff');
    assert.match(stdout, /uri "\/old" -> "\/neu"/);
  });
  await test('edgefn run: an origin', async () => assert.match((await run('function.js', sample('functions-viewer-request', '--uri', '/origin'))).stderr, /function\.js: the origin is other\.example\.com/));
  await test('edgefn run: Python', async () => assert.match((await run('lambda_function.py', sample('viewer-request'), '--diff')).stdout, /\+ header X-Python: ü/));
  await test('edgefn run: a throw', async () => {
    const { status, stdout, stderr } = await run('four.mjs', sample('viewer-request', '--uri', '/throw/viewer-request'));
    assert.deepEqual([status, stdout], [3, '']);
    assert.match(stderr, /^-: error: .*four\.mjs failed: TypeError: no way/m);
  });
  await test('edgefn run: a refused result', async () => {
    const { status, stdout, stderr } = await run('four.mjs', sample('viewer-request', '--uri', '/via/viewer-request'));
    assert.deepEqual([status, stdout], [3, '']);
    assert.match(stderr, /refused: .*via/);
  });
  await test('edgefn run: several events', async () => {
    const line = `${(await sample('viewer-request')).trim().replace(/\n\s*/g, '')}\n`, { status, stdout } = await run('index.js', line.repeat(3), '--jobs', '2');
    assert.deepEqual([status, stdout.trim().split('\n').length], [0, 3]);
  });
  await test('edgefn run: no such file', async () => assert.equal((await run('none.mjs', sample('viewer-request'))).status, 2));
  await test('edgefn run: --summary', async () => assert.equal((await run('four.mjs', sample('viewer-request'), '--summary')).status, 2));
  await test('edgefn run: not an event', async () => assert.equal((await run('four.mjs', '{}')).status, 1));
  await test('edgefn run: an event of the other kind', async () => {
    assert.match((await run('function.js', sample('viewer-request'))).stderr, /failed: the event is one of Lambda@Edge, and this function is for CloudFront Functions/);
    for (const name of ['four.mjs', 'lambda_function.py'])
      assert.match((await run(name, sample('functions-viewer-request'))).stderr, /failed: the event is one of CloudFront Functions, and this function is for Lambda@Edge/);
  });
  await test('edgefn run: no words of C', async () => assert.doesNotMatch((await run('four.mjs', sample('viewer-request', '--uri', '/string/viewer-request'))).stderr, wordsOfC));
  await test('CloudFront Functions at origin triggers', async () => {
    const { status, stderr } = spawnSync('sh', ['examples/hosts/nginx/cloudfront.sh'], { env: { ...process.env, HANDLER: join(functions, 'function.js'), TRIGGERS: 'origin-request' }, encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /function\.js is for CloudFront Functions, which only run at viewer-request and viewer-response/);
  });
  await test('edgefn run: no runtime', async () => {
    const { status, stderr } = await edgefn(['run', join(functions, 'four.mjs'), 'examples/events/viewer-request-page.json'], '', { PATH: '/nowhere' });
    assert.equal(status, 2);
    assert.match(stderr, /node: .*JavaScript need it/);
  });
}

// ---- all of it

cpSync('tests/hosts/functions', functions, { recursive: true });
// The origin answers with what it got.
const origin = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    const lines = request.rawHeaders.map((text, i) => (i % 2 === 0 ? `\n${text}: ` : text)).join('');
    const body = /^\/large/.test(request.url) ? large : /^\/empty/.test(request.url) ? '' : `${request.method} ${request.url}${lines}\n\n${Buffer.concat(chunks).toString()}`;
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'max-age=60', ETag: '"1"', 'Accept-Ranges': 'bytes', 'X-Origin': '1', 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  });
});
await new Promise((done) => origin.listen(0, '127.0.0.1', done));
const desk = (...more) => deskOf(origin, ...more);
await Promise.all([
  desk('four', { FILE: 'four.mjs' }, async (one) => {
    await results(one);
    await printing(one);
    await waiting(one);
    await changing(one);
  }),
  (async () => {
    await desk('bodies', { FILE: 'four.mjs', BODY: 'on' }, bodies);
    await desk('unchecked', { FILE: 'four.mjs', CHECK: 'off' }, unchecked);
    await desk('callback', { FILE: 'index.js' }, callbacks);
    await desk('mistakes', { FILE: 'four.mjs', TRIGGERS: 'viewer-request' }, (one) => mistakes(one, mistakesOfModules));
    await desk('function', { FILE: 'function.js', TRIGGERS: 'viewer-request viewer-response', TABLES: 'kv /old /new; kv json [7]', ORIGINS: `other.example.com=127.0.0.1:${origin.address().port}` }, async (one) => {
      await cloudfrontFunction(one);
      await mistakes(one, mistakesOfFunctions);
    });
  })(),
  desk('python', { FILE: 'lambda_function.py' }, async (one) => {
    await python(one);
    await mistakes(one, mistakesOfPython);
  }),
  command(),
]);
await Promise.all(['four.mjs', 'hang.py'].map((FILE) => desk(`hang-${FILE}`, { FILE, TRIGGERS: TYPES.join(' '), TIMEOUT: DEEP ? '' : 1 }, (one) => hanging(one, DEEP ? [5000, 30000, 30000, 5000] : [1000, 1000, 1000, 1000]))));
origin.closeAllConnections();
origin.close();
printCounts();
