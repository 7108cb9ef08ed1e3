// node.mjs - the tests of the Node.js host, built and started by tests/test_host_node.sh:
//     node tests/hosts/node.mjs BUILD      BUILD/function is an unpacked zip of index_pages; BUILD/odd.wasm and .so are built from odd.c
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { EdgefnError, load } from '../../examples/hosts/lambda_edge_node/edgefn.mjs';
import { handlers as javascript } from '../../examples/hosts/lambda_edge_node/measure.mjs';
import { printCounts, test } from './count.mjs';

const build = process.argv[2];
const NOW = 1767225600, DRAW = 2 ** 31, BITS = '000102030405060708090a0b0c0d0e0f';
const events = readdirSync('examples/events').filter((name) => name.endsWith('.json'));
const read = (event) => JSON.parse(readFileSync(`examples/events/${event}`, 'utf8'));
const open = (wasm, tables) => load(readFileSync(wasm), { tables, now: () => NOW, draw: () => DRAW, random: () => Buffer.from(BITS, 'hex') });

/** Returns the command line's result for an event: {code, result as text, why}. */
function run(so, event) {
  const from = typeof event === 'string' ? [`examples/events/${event}`] : ['-'];
  const done = spawnSync('build/edgefn', ['run', so, ...from, '--now', String(NOW), '--random', '0.5', '--random-bytes', BITS], {
    input: from[0] === '-' ? JSON.stringify(event) : '', maxBuffer: 1 << 24, encoding: 'utf8' });
  return { code: done.status, result: done.status === 0 ? JSON.stringify(JSON.parse(done.stdout)) : '', why: done.stderr };
}

/** Returns a sample event of a type with these request headers. */
function event(kind, headers = {}) {
  const options = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  return JSON.parse(spawnSync('build/edgefn', ['sample', kind, ...options], { encoding: 'utf8' }).stdout);
}

/** Compares with the command line: the same result, with members in the same order, or an exception if the command line fails. */
async function same(edge, so, sample) {
  const expected = run(so, sample), given = typeof sample === 'string' ? read(sample) : sample;
  if (expected.code === 0) return assert.equal(JSON.stringify(await edge(given)), expected.result);
  assert.equal(expected.code, 3);
  await assert.rejects(async () => edge(given), (error) => error instanceof EdgefnError && error.code === 3 && expected.why.includes(error.message));
}

//--- handlers on the samples -----------------------------------------------------------------------------------------

const everything = ['pass', 'ab_test', 'index_pages', 'redirect_https', 'add_security_headers', 'error_to_static_page',
  'session_cookie', 'path_by_device'];
const wasms = readdirSync('build/handlers').filter((name) => name.endsWith('.wasm')).map((name) => name.slice(0, -5));
assert(events.length > 15 && wasms.length > 15 && everything.every((name) => wasms.includes(name)));

for (const name of wasms) {
  const edge = open(`build/handlers/${name}.wasm`, {}), so = `build/handlers/${name}.so`;
  for (const sample of everything.includes(name) ? events : ['viewer-request-page.json', 'origin-response-ok.json'])
    await test(`${name} ${sample}`, () => same(edge, so, sample));
}
for (const name of readdirSync('build/handlers/simd128')) {
  const vectors = open(`build/handlers/simd128/${name}`), scalar = open(`build/handlers/${name}`);
  for (const sample of events)
    await test(`-msimd128 ${name} ${sample}`, () => assert.equal(JSON.stringify(vectors(read(sample))), JSON.stringify(scalar(read(sample)))));
}
for (const [name, sample, handler] of javascript) // otherwise comparing their speed would be meaningless
  await test(`${name} in JavaScript ${sample}`, () => assert.deepEqual(handler(read(sample)), open(`build/handlers/${name}.wasm`)(read(sample))));

//--- the function of the zip -----------------------------------------------------------------------------------------

const imported = async (directory) => (await import(pathToFileURL(resolve(directory, 'index.mjs')))).handler;
await test('index.mjs', async () => {
  const handler = await imported(`${build}/function`);
  for (const sample of events) await same(handler, 'build/handlers/index_pages.so', sample);
});

/** Makes a copy of the function with the handler odd.c and this config.json. */
function odd(name, config) {
  cpSync(`${build}/function`, `${build}/${name}`, { recursive: true });
  cpSync(`${build}/odd.wasm`, `${build}/${name}/handler.wasm`);
  if (config !== undefined) writeFileSync(`${build}/${name}/config.json`, config);
  return imported(`${build}/${name}`);
}

await test('a clock and a draw that handle an event themselves', () => {
  const wasm = readFileSync(`${build}/odd.wasm`), inner = event('viewer-request', { 'x-of': 'another' });
  const one = event('viewer-request', { 'x-of': 'this' });
  for (const which of ['now', 'draw']) {
    let inside = false, edge;
    const again = () => {
      if (!inside) {
        inside = true;
        edge(inner);
        inside = false;
      }
      return 1;
    };
    edge = load(wasm, { now: () => NOW, draw: () => DRAW, [which]: again });
    assert.deepEqual(edge(one), open(`${build}/odd.wasm`)(one));
  }
});

await test('clock and draw of their own', async () => {
  const handler = await odd('clock'), asked = event('viewer-request', { 'x-test': 'clock' });
  const [a, b] = [await handler(asked), await handler(asked)].map((result) => result.headers);
  assert(Math.abs(a['x-now'][0].value - Date.now() / 1000) < 60);
  assert.match(a['x-draw'][0].value, /^[0-9]+$/);
  assert.notEqual(a['x-draw'][0].value, b['x-draw'][0].value); // equal by chance once in 2^32 runs
  assert.match(a['x-random'][0].value, /^[A-Za-z0-9_-]{43}$/);
  assert.notEqual(a['x-random'][0].value, b['x-random'][0].value);
});

await test('random bytes in their order, and more than are kept', async () => {
  const handler = await odd('clock'), asked = event('viewer-request', { 'x-test': 'clock' });
  const given = open(`${build}/odd.wasm`)(asked).headers['x-random'][0].value;
  assert.equal(given, createHmac('sha256', Buffer.from(BITS, 'hex')).update('test').digest('base64url'));
  const seen = new Set();
  for (let i = 0; i < 200; i++) seen.add((await handler(asked)).headers['x-random'][0].value);
  assert.equal(seen.size, 200);
});

const tables = { kv: { '/a': 'one', '/b': 'two', '/ä': 'drei ☕', '': 'empty key', '/c': '' }, secret: { '/b': 'hidden' }, empty: {} };
const lookup = async (handler, table, key) =>
  (await handler(event('viewer-request', { 'x-test': 'lookup', 'x-table': table, 'x-key': key }))).headers['x-value'][0].value;
await test('look-ups', async () => {
  const handler = await odd('lookup', JSON.stringify(tables));
  for (const [table, key, value] of [['kv', '/a', 'one'], ['kv', '/b', 'two'], ['kv', '/ä', 'drei ☕'], ['secret', '/b', 'hidden'], ['kv', '/c', ''],
    ['secret', '/a', '(absent)'], ['kv', '/', '(absent)'], ['kv', '/aa', '(absent)'], ['empty', '/a', '(absent)'], ['none', '/a', '(absent)']])
    assert.equal(await lookup(handler, table, key), value, `${table} ${key}`);
});
await test('ten thousand look-ups', async () => {
  const many = Object.fromEntries(Array.from({ length: 10000 }, (_, i) => [`/${i}`, `value ${i}`]));
  const edge = open(`${build}/odd.wasm`, { kv: many });
  for (const i of [0, 1, 9, 10, 4711, 9999]) assert.equal(await lookup(edge, 'kv', `/${i}`), `value ${i}`);
  assert.equal(await lookup(edge, 'kv', '/10000'), '(absent)');
});
await test('a configuration without tables', async () => {
  assert.equal(await lookup(await odd('hollow', '{}'), 'kv', '/a'), '(absent)');
});
await test('without tables a look-up fails', async () => {
  await assert.rejects(lookup(await odd('bare'), 'kv', '/a'), /EDGEFN_E_ENVIRONMENT/);
});
for (const [i, bad] of ['', '[]', 'null', '{"kv": 1}', '{"kv": null}', '{"kv": {"a": 1}}', '{"kv": {"a": "b"}'].entries())
  await test(`config.json: ${bad}`, () => assert.rejects(odd(`bad${i}`, bad)));

//--- signatures by public keys: tests/data/jwt/tokens.json -------------------------------------------------------------

const vectors = JSON.parse(readFileSync('tests/data/jwt/tokens.json', 'utf8'));
const sets = Object.fromEntries(vectors.sets.map(({ issuer, jwks }) => [issuer, jwks]));
const asking = event('viewer-request', { 'x-test': 'token', 'x-token': 'x' });
const checked = async (handler, token) => {
  const given = structuredClone(asking);
  given.Records[0].cf.request.headers['x-token'][0].value = token;
  return (await handler(given)).headers['x-value'][0].value;
};
for (const [form, jwks] of [['objects', sets], ['texts', Object.fromEntries(Object.entries(sets).map(([issuer, set]) => [issuer, JSON.stringify(set)]))]]) {
  const edge = open(`${build}/odd.wasm`, { jwks });
  for (const { name, ok, token, why } of vectors.cases)
    await test(`a token, JWKS as ${form}: ${name}`, async () => assert.equal(await checked(edge, token), ok ? 'valid' : why));
}
await test('a token, with keys in config.json', async () => {
  assert.equal(await checked(await odd('keys', JSON.stringify({ jwks: sets })), vectors.cases[0].token), 'valid');
});
await test('a token, after the keys were replaced', async () => {
  const edge = open(`${build}/odd.wasm`, { jwks: { [vectors.rotated.issuer]: vectors.rotated.jwks } });
  for (const { name, token } of vectors.cases) assert.equal(await checked(edge, token) === 'valid', name === vectors.rotated.passes, name);
});
await test('a token, without keys', async () => {
  for (const tables of [undefined, {}, { kv: {} }]) {
    const edge = open(`${build}/odd.wasm`, tables);
    await assert.rejects(checked(edge, vectors.cases[0].token), /EDGEFN_E_ENVIRONMENT/);
  }
});
for (const { name, text } of vectors.unusable)
  await test(`a JWKS without a usable key: ${name}`, () => assert.throws(() => open(`${build}/odd.wasm`, { jwks: { 'https://id.example.com': text } }), /^TypeError: table "jwks": https:\/\/id\.example\.com: ./));
for (const bad of [null, 7, [], 'text', { a: null }, { a: 7 }, { a: [] }])
  await test(`a table jwks: ${JSON.stringify(bad)}`, () => assert.throws(() => open(`${build}/odd.wasm`, { jwks: bad }), TypeError));
await test('no handler', async () => {
  const nothing = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  assert.throws(() => load(nothing), /is not a handler/);
  assert.throws(() => load(new Uint8Array(9)), WebAssembly.CompileError);
});
await test('imports nothing but the log and the verification of signatures', () => {
  const only = ['log', 'verify'].map((name) => ({ module: 'edgehost', name, kind: 'function' }));
  for (const name of wasms)
    assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(`build/handlers/${name}.wasm`))), only);
});
await test('a handler that writes to the log', () => {
  const lines = [], asked = event('viewer-request', { 'x-test': 'log' });
  const edge = load(readFileSync(`${build}/odd.wasm`), { now: () => NOW, draw: () => DRAW, log: (line) => lines.push(line) });
  edge(asked);
  assert.deepEqual(lines, ['one?two ä?', `${'x'.repeat(997)}...`]);
  edge(event('viewer-request'));
  assert.equal(lines.length, 2);
  let nested = 0;
  const again = load(readFileSync(`${build}/odd.wasm`), { log: () => nested++ || again(asked) });
  again(asked);
  assert.equal(nested, 4); // a log function that handles an event itself
});

//--- failures: an exception, and the next event is handled ------------------------------------------------------------

{
  const handler = await odd('fails'), so = `${build}/odd.so`;
  const fine = event('viewer-request'), expected = run(so, fine).result;
  const next = async () => assert.equal(JSON.stringify(await handler(fine)), expected);
  const fails = async (name, given, why) =>
    test(`fails: ${name}`, async () => {
      for (let i = 0; i < 3; i++) {
        await assert.rejects(handler(given), why);
        await next();
      }
    });
  const asks = (how, kind = 'viewer-request') => event(kind, { 'x-test': how });
  await fails('false', asks('false'), { name: 'EdgefnError', code: 3, message: /EDGEFN_E_HANDLER/ });
  await fails('uri', asks('uri'), { code: 3, message: /EDGEFN_E_URI/ });
  await fails('forbidden', asks('forbidden'), { code: 3, message: /EDGEFN_E_CHECK/ });
  await fails('memory', asks('eat'), { code: 3, message: /EDGEFN_E_OOM/ });
  await fails('trap', asks('trap'), WebAssembly.RuntimeError);
  await fails('stack', asks('deep'), /./);
  for (const [name, given] of Object.entries({ null: null, object: {}, array: [], text: 'text', records: { Records: [] }, 'no request': { Records: [{ cf: { config: { eventType: 'viewer-request' } } }] } }))
    await fails(name, given, { name: 'EdgefnError', code: 1 });
  await fails('nothing', undefined, TypeError);
  await fails('surrogate', { ...fine, more: '\ud800' }, { code: 1 });
  const cycle = event('viewer-request');
  cycle.Records.push(cycle);
  await fails('cycle', cycle, TypeError);
}

//--- memory ----------------------------------------------------------------------------------------------------------

await test('memcpy, memmove, memset and memcmp', () => {
  const odd = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(`${build}/odd.wasm`)), { edgehost: { log() {}, verify() {} } });
  assert.equal(odd.exports.test_memory(), 0);
});
await test('more room than at first', () => same(open(`${build}/odd.wasm`), `${build}/odd.so`, event('viewer-request', { 'x-test': 'big' })));
await test('1,000 events in a row', () => {
  const edge = open('build/handlers/index_pages.wasm'), given = events.map(read);
  const expected = given.map((one) => JSON.stringify(edge(one)));
  const memory = edge.memory();
  for (let i = 0; i < 1000; i++) {
    const n = (i * 7) % given.length; // long events after short ones, requests after responses
    assert.equal(JSON.stringify(edge(given[n])), expected[n]);
  }
  assert.equal(edge.memory(), memory);
});
await test('as it was received is the very object', () => {
  for (const sample of events) {
    const given = read(sample), before = JSON.stringify(given), result = open('build/handlers/pass.wasm')(given);
    assert(given.Records ? Object.values(given.Records[0].cf).includes(result) : Object.values(given).includes(result));
    assert.equal(JSON.stringify(given), before);
  }
});
await test('a failing handler takes no more at the next time', () => {
  const edge = open(`${build}/odd.wasm`), given = event('viewer-request', { 'x-test': 'eat' });
  assert.throws(() => edge(given));
  const memory = edge.memory();
  for (let i = 0; i < 10; i++) assert.throws(() => edge(given));
  assert.equal(edge.memory(), memory);
});
for (const [what, data] of Object.entries({ base64: 'QUJD'.repeat(349525) + 'QQ==', text: 'ä☕"\\\n'.repeat(150000) }))
  await test(`a body of 1 MB, ${what}`, () => {
    const given = read('viewer-request-upload.json'), edge = open('build/handlers/pass.wasm');
    const small = edge(given), body = given.Records[0].cf.request.body;
    given.Records[0].cf.config.eventType = 'origin-request';
    body.data = data;
    body.encoding = what;
    assert.deepEqual(edge(given), { ...small, body: { ...small.body, data, encoding: what } });
    const memory = edge.memory();
    for (let i = 0; i < 3; i++) assert.equal(edge(given).body.data, data);
    assert.equal(edge.memory(), memory);
    assert(memory < 80e6, `${memory} bytes`);
  });

printCounts();
process.exit();
