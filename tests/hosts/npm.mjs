// npm.mjs - the tests of the package edgefn, as it is installed; tests/test_npm.sh builds it and starts this in the top directory:
//     node tests/hosts/npm.mjs DIRECTORY      DIRECTORY/node_modules/edgefn is the package
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createContext, runInContext, runInNewContext } from 'node:vm';
import { printCounts, test } from './count.mjs';

const app = resolve(process.argv[2]), require = createRequire(`${app}/`);
const edgefn = require('edgefn');
const esm = await import(pathToFileURL(require.resolve('edgefn').replace(/cjs$/, 'mjs')));
const { check, sanitize, parse, convert, sample, userAgent, rules, wrap, assertAccepted, matchers, describe, RefusedError, EdgefnError } = edgefn;
const wasm = Buffer.from(globalThis[Symbol.for(`edgefn.wasm ${edgefn.version}`)], 'base64');
const kinds = ['viewer-request', 'origin-request', 'origin-response', 'viewer-response', 'functions-viewer-request', 'functions-viewer-response'];
const cli = (args, input = '') => spawnSync('build/edgefn', args, { input, maxBuffer: 1 << 26 });
const ids = (findings) => findings.map(({ rule }) => rule);
const requestOf = (event) => structuredClone(event.Records?.[0].cf.request ?? event.request);
const resultOf = (event) => structuredClone(event.Records?.[0].cf.response ?? event.Records?.[0].cf.request ?? event.response ?? event.request);
const viewer = sample('viewer-request');
const edited = (edit, event = viewer) => {
  const result = resultOf(event);
  edit(result);
  return result;
};

// --- what there is

await test('both module systems have the same names', () => {
  assert.deepEqual(Object.keys(esm).sort(), Object.keys(edgefn).sort());
  assert.equal(esm.check(viewer, requestOf(viewer)).length, 0);
  assert.equal(edgefn.version, require('edgefn/package.json').version);
  assert.equal(cli(['--version']).stdout.toString(), `edgefn ${edgefn.version}\n`);
});

await test('rules are those of the command line', () => {
  const expected = JSON.parse(cli(['rules', '--json']).stdout);
  assert.equal(rules.length, expected.length);
  expected.forEach(({ verdict, ...rest }, i) => {
    const { advice, refused, ...rule } = rules[i];
    assert.deepEqual(rule, rest);
    assert.equal(refused, verdict === 'refused');
    assert(advice.length > 5, rule.rule);
  });
  assert(Object.isFrozen(rules) && Object.isFrozen(rules[0]));
});

await test('a finding has all members', () => {
  const [finding] = check(viewer, edited((r) => (r.headers.host[0].value = 'other.example')));
  assert.deepEqual(Object.keys(finding), ['rule', 'subject', 'refused', 'says', 'text', 'path', 'offset', 'line', 'column', 'byteOffset', 'source', 'advice',
    'confidence', 'status', 'events', 'limit', 'actual']);
  assert.deepEqual([finding.rule, finding.subject, finding.refused, finding.path, finding.status], ['header.read-only.changed', 'host', true, 'headers.host', 502]);
  assert.match(finding.says, /read-only header/);
  assert.match(finding.source, /Restrictions/);
});

await test('nothing found is an empty array, whatever else it holds', () => {
  const findings = check(viewer, requestOf(viewer));
  assert.deepEqual(findings, []);
  assert.deepEqual([findings.notes, findings.lost], [[], []]);
  assert.equal(findings.json, JSON.stringify(requestOf(viewer)));
});

// --- texts, bytes and values

await test('values, texts and bytes have the same findings', () => {
  const result = edited((r) => (r.headers.via = [{ key: 'Via', value: 'ä' }]));
  const texts = [JSON.stringify(viewer), JSON.stringify(result)];
  const expected = ids(check(viewer, result));
  assert.deepEqual(expected, ['header.read-only.added']);
  assert.deepEqual(ids(check(...texts)), expected);
  assert.deepEqual(ids(check(...texts.map((text) => Buffer.from(text)))), expected);
  assert.deepEqual(ids(check(...texts.map((text) => '\uFEFF' + text))), expected);
  assert.deepEqual(ids(check(new DataView(new TextEncoder().encode(texts[0]).buffer), texts[1])), expected);
});

await test('offsets are those of the text as it was given', () => {
  const text = '{"status":"200",\n "headers":{"x-äя߿€\uffff😀":[{"value":"1"}],\n "via":[{"value":"1"}]}}';
  for (const mark of ['', '\uFEFF']) {
    const given = mark + text, [name, via] = check(viewer, given);
    assert.deepEqual([name.rule, via.rule], ['header.name', 'header.read-only.added']);
    assert.equal(given.slice(via.offset, via.offset + 5), '"via"');
    assert.deepEqual([via.line, via.column], [3, 2]);
    assert.equal(Buffer.from(given).subarray(via.byteOffset, via.byteOffset + 5).toString(), '"via"');
    const [, bytes] = check(viewer, Buffer.from(given));
    assert.equal(bytes.offset, via.byteOffset);
    assert.equal(bytes.path, 'headers.via');
  }
});

await test('paths', () => {
  const path = (text) => check(viewer, text).map((f) => f.path);
  assert.deepEqual(path('{"status":200,"headers":{"a b":[{"value":"1"}],"x":[{"value":"1"},{"value":2}]}}'), ['status', 'headers["a b"]', 'headers.x[1].value']);
  assert.deepEqual(path('{"status":"200","headers":{"x\\"}":[{"key":"x"}],"Via":[ ]},"body":[]}').at(-1), 'body');
  assert.deepEqual(path('[]'), ['']);
  assert.deepEqual(path('{"a'), ['']);
  assert.deepEqual(path(JSON.stringify(edited((r) => delete r.headers.host))), ['headers']);
});

await test('duplicate names in a text are found', () => {
  assert.deepEqual(ids(check(viewer, '{"status":"200","status":"200"}')), ['member.duplicate']);
  assert.throws(() => check('{"Records":[{"cf":{"config":{},"config":{}}}]}', {}), { code: 'EDGEFN_E_DUPLICATE' });
});

await test('half a surrogate pair', () => {
  const result = { status: '200', body: 'a\ud800b' };
  assert.deepEqual(ids(check(viewer, result)), ['result.surrogate']); // JSON.stringify() writes an escape
  const [raw] = check(viewer, '{"status":"200","body":"a\ud800b"}');
  assert.deepEqual([raw.rule, raw.offset], ['result.json', 25]);
  const [later] = check(viewer, '{"ä":"\u{1f600}","body":"a\udc00\ud800b"}');
  assert.equal(later.offset, '{"ä":"\u{1f600}","body":"a'.length);
  const { error } = parse('{"Records":"\udfff"}');
  assert.deepEqual([error.code, error.offset, error.column], ['EDGEFN_E_JSON_UTF8', 12, 13]);
});

await test('bytes that are not UTF-8', () => {
  const [finding] = check(viewer, Buffer.from([0x22, 0xff, 0x22]));
  assert.deepEqual([finding.rule, finding.offset], ['result.json', 1]);
});

// --- what JSON cannot hold

await test('values that JSON cannot hold stop the check, with their place', () => {
  const cycle = { a: [{}] };
  cycle.a[0].b = cycle;
  assert.throws(() => check(viewer, { headers: { x: [{ value: 1n }] } }), { name: 'TypeError', message: /^result: headers\.x\[0\]\.value is a BigInt/ });
  assert.throws(() => check(viewer, cycle), { name: 'TypeError', message: /^result: a\[0\]\.b contains itself/ });
  assert.throws(() => check(cycle, {}), { name: 'TypeError', message: /^event: a\[0\]\.b contains itself/ });
  assert.throws(() => check(viewer, { a: { toJSON() { throw new Error('no'); } } }), { name: 'TypeError', message: /^result: a has a toJSON\(\) that throws: no/ });
  assert.throws(() => check(viewer, Promise.resolve(1)), { name: 'TypeError', message: /await/ });
  assert.throws(() => check(undefined, {}), { name: 'TypeError', message: /event is missing/ });
  let deep = {};
  for (let i = 0; i < 1e5; i++) deep = { deep };
  assert.throws(() => check(viewer, deep), { name: 'TypeError', message: /nested deeper/ });
});

await test('values that JSON drops are listed', () => {
  const result = { status: '200', body: undefined, headers: { x: [{ key: 'X', value: NaN }], y: new Map([[1, 2]]), z: [() => 1, Symbol('a')] }, f() {} };
  const { lost } = check(viewer, result);
  assert.deepEqual(lost.map(({ path, was, becomes }) => [path, was, becomes]), [['body', 'undefined', 'nothing'], ['headers.x[0].value', 'NaN', 'null'],
    ['headers.y', 'a Map', '{}'], ['headers.z[0]', 'a function', 'null'], ['headers.z[1]', 'a symbol', 'null'], ['f', 'a function', 'nothing']]);
  assert.match(describe(check(viewer, result)), /JSON cannot hold NaN \(headers\.x\[0\]\.value\): CloudFront gets null/);
  assert.equal(check(viewer, { status: '200', statusDescription: { toJSON: () => 'OK' } }).length, 0);
  assert.deepEqual(ids(check(viewer, edited((r) => (r.headers['x-n'] = [{ key: 'X-N', value: undefined }])))), ['headers.entry']);
  const shared = [{ value: '1' }];
  assert.equal(check(viewer, { status: '200', headers: { a: shared, b: shared } }).length, 0); // twice is no cycle
});

await test('values of another realm', () => {
  const [event, result] = runInNewContext(`[${JSON.stringify(viewer)}, { status: '200', headers: { a: new Map() }, body: new Date(0) }]`);
  assert.deepEqual(check(event, result).lost.map(({ was }) => was), ['a Map']);
  assert.equal(check(runInNewContext('new Uint8Array(' + JSON.stringify([...Buffer.from(JSON.stringify(viewer))]) + ')'), requestOf(viewer)).length, 0);
});

await test('a function that returns nothing', () => {
  for (const kind of kinds) {
    const event = sample(kind), rule = kind.startsWith('f') ? 'functions.result.object' : 'result.object';
    const [finding, ...more] = check(event, undefined);
    assert.deepEqual([finding.rule, finding.refused, finding.path, more.length], [rule, true, '', 0]);
    assert.deepEqual(ids(check(event, null)), [rule]);
    assert.deepEqual(check(event, undefined).lost, [{ path: '', was: 'undefined', becomes: 'null' }]);
    assert.deepEqual(check(event, resultOf(event)), []);
  }
});

// --- events

await test('a refused event', () => {
  assert.throws(() => check('{"Records":[\n  {"ä":1}, x', {}), (error) => {
    assert(error instanceof EdgefnError && error instanceof Error);
    assert.deepEqual([error.code, error.line, error.column, error.offset], ['EDGEFN_E_JSON_SYNTAX', 2, 12, 24]);
    assert.match(error.message, /^event:2:12: error: /);
    return true;
  });
  assert.throws(() => check({ Records: [{ s3: {} }] }, {}), { code: 'EDGEFN_E_NOT_AN_EVENT', other: 'an S3 event', message: /: this is an S3 event$/ });
  const others = [['{"version":"2.0","requestContext":{"http":{}}}', /API Gateway/], ['{"requestContext":{"elb":{}},"httpMethod":"GET"}', /Application Load Balancer/], ['{"Records":[{"ses":{}}]}', /SES/], ['{"triggerSource":"a","userPoolId":"b"}', /Cognito/],
    ['{"eventSource":"aws:kafka"}', /Kafka/], ['{"detail-type":"a"}', /EventBridge/], ['{"status":"200","headers":{}}', /result of a function/], ['[1]', /a list/]];
  for (const [text, name] of others) assert.match(parse(text).error.other, name, text);
  for (const text of ['null', '1', '""', '{}', '{"Records":[null]}', '{"Records":[]}']) assert.equal(parse(text).error.other, undefined, text);
  assert.throws(() => check('', {}), { code: 'EDGEFN_E_JSON_EOF' });
});

await test('parse()', () => {
  for (const kind of kinds) {
    const { error, ...found } = parse(sample(kind));
    assert.equal(error, null);
    assert.deepEqual(found, { dialect: kind.startsWith('f') ? 'functions' : 'lambda', type: kind.replace('functions-', ''), inferred: false });
  }
  const bare = { Records: [{ cf: { request: { uri: '/', headers: {} } } }] };
  assert.deepEqual(parse(bare), { dialect: 'lambda', type: 'viewer-request', inferred: true, error: null });
  assert.equal(parse(bare, { type: 'origin-request' }).type, 'origin-request');
  assert.equal(parse(bare).type, 'viewer-request'); // the option of the call before is forgotten
  assert.throws(() => parse(bare, { type: 'viewer' }), /type is viewer-request, /);
  assert.match(check(bare, { uri: '/', headers: {} }).notes[0], /taken as viewer-request/);
});

await test('every sample event is accepted as it is', () => {
  for (const name of readdirSync('examples/events')) {
    const text = readFileSync(`examples/events/${name}`, 'utf8'), event = JSON.parse(text);
    assert.deepEqual(check(text, resultOf(event)), [], name);
    assert.equal(parse(text).error, null);
  }
});

// --- the other functions, compared with the command line

await test('convert() is that of the command line', () => {
  let converted = 0, refused = 0;
  for (const name of readdirSync('examples/events'))
    for (const to of ['lambda', 'functions']) {
      const text = readFileSync(`examples/events/${name}`, 'utf8'), expected = cli(['convert', '--to', to, '-'], text), notes = [];
      if (expected.status === 0) {
        assert.equal(convert(text, to, { note: (line) => notes.push(line) }), expected.stdout.toString().replace(/\n$/, ''));
        assert.deepEqual(convert(JSON.parse(text), to), JSON.parse(expected.stdout));
        assert.equal(notes.map((line) => line.replace(/^event:/, '-:') + '\n').join(''), expected.stderr.toString());
        converted++;
      } else {
        assert.throws(() => convert(text, to), (error) => {
          const [, line, column] = /^-:(?:(\d+):(\d+))?/.exec(expected.stderr);
          return error.code === 'EDGEFN_E_DIALECT' && String(error.line) === String(line) && (/[^\x00-\x7f]/.test(text) || String(error.column) === String(column));
        });
        refused++;
      }
    }
  assert(converted > 20 && refused > 8, `${converted} ${refused}`);
  assert.throws(() => convert('{', 'lambda'), { code: 'EDGEFN_E_JSON_EOF' });
  assert.throws(() => convert(viewer, 'other'), /'lambda' or 'functions'/);
});

await test('sample() is that of the command line', () => {
  const all = { uri: '/ä/b', query: 'a=1&b=ü&a=2', method: 'PUT', clientIp: '2001:db8::1', country: 'DE', headers: { 'X-A': '1', 'Accept-Language': 'sv' }, cookies: { a: '1', b: 'x' } };
  const flags = ['--uri=/ä/b', '--query=a=1&b=ü&a=2', '--method=PUT', '--client-ip=2001:db8::1', '--country=DE', '--header=X-A: 1', '--header=Accept-Language: sv',
    '--cookie=a=1', '--cookie=b=x'];
  for (const kind of kinds) {
    assert.deepEqual(sample(kind), JSON.parse(cli(['sample', kind]).stdout));
    assert.deepEqual(sample(kind, all), JSON.parse(cli(['sample', kind, ...flags]).stdout));
  }
  assert.deepEqual(sample('origin-response', { status: 404, statusText: 'Gone', setCookies: ['a=1; Path=/'], s3: true, headers: [['X-A', '1'], ['X-A', '2']] }),
    JSON.parse(cli(['sample', 'origin-response', '--status=404', '--status-text=Gone', '--set-cookie=a=1; Path=/', '--s3', '--header=X-A: 1', '--header=X-A: 2']).stdout));
  const body = sample('viewer-request', { body: '@\0\ud83d\ude00', truncated: true }).Records[0].cf.request.body;
  assert.deepEqual([Buffer.from(body.data, 'base64').toString(), body.inputTruncated], ['@\0\ud83d\ude00', true]);
  assert.equal(sample('origin-request', { body: Uint8Array.of(1, 255) }).Records[0].cf.request.body.data, 'Af8=');
  assert.throws(() => sample('viewer'), { name: 'TypeError', message: /unknown event type 'viewer'/ });
  assert.throws(() => sample('viewer-request', { status: 404 }), { name: 'TypeError', message: /does not support '--status'/ });
  assert.throws(() => sample('viewer-request', { path: '/' }), { name: 'TypeError', message: /no option path/ });
  assert.throws(() => sample('viewer-request', { headers: { 'X-A': 'a\0b' } }), { name: 'TypeError', message: /NUL/ });
  assert.throws(() => sample('viewer-request', { headers: { 'X-A': 'a\ud800b' } }), { name: 'TypeError', message: /UTF-8/ });
  assert.throws(() => sample('viewer-request', { cookies: Array.from({ length: 2000 }, (_, i) => [`a${i}`, '1']) }), { name: 'RangeError' });
});

await test('userAgent() is that of the command line', () => {
  const texts = ['', 'Googlebot/2.1 (+http://www.google.com/bot.html)', 'curl/8.5.0', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    'Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) 94.0.4606.31/7.0 TV Safari/537.36', 'GPTBot/1.2', 'ä\ud800', 'x'.repeat(1e5)];
  for (const text of texts) {
    const { device, system, browser, version, bot, botName } = userAgent(text);
    const [name, os, program, major, who] = cli(['ua', text.toWellFormed?.() ?? text.replace('\ud800', '\ufffd')]).stdout.toString().split('\t');
    assert.deepEqual([bot ? 'bot' : device, system ?? '-', browser ?? '-', version ? String(version) : '-', bot ? botName ?? '?' : '-'], [name, os, program, major, who]);
  }
  assert.deepEqual(userAgent('Googlebot/2.1'), { device: 'desktop', system: null, browser: null, version: 0, bot: 'search', botName: 'Googlebot' });
});

// --- sanitize()

await test('sanitize() undoes refused header edits and nothing else', () => {
  const result = edited((r) => {
    delete r.headers.host;
    r.headers.via = [{ value: 'x' }];
    r.headers['X-Cache'] = [{ value: 'x' }];
    r.headers['x-new'] = [{ value: 'x' }];
    r.uri = '/other';
  });
  const { result: clean, undone } = sanitize(viewer, result);
  assert.deepEqual(ids(undone).sort(), ['header.disallowed', 'header.read-only.added', 'header.read-only.deleted']);
  assert.deepEqual(clean, edited((r) => {
    r.headers['x-new'] = [{ value: 'x' }];
    r.uri = '/other';
  }));
  assert.equal(Object.keys(clean.headers)[0], 'host'); // in its old place
  assert.equal(sanitize(JSON.stringify(viewer), JSON.stringify(result)).result, JSON.stringify(clean));
  assert('X-Cache' in result.headers); // the given one is not changed
  const good = requestOf(viewer);
  assert.equal(sanitize(viewer, good).result, good);
  assert.equal(sanitize(viewer, null).result, null);
  assert.equal(sanitize('\uFEFF' + JSON.stringify(viewer), '\uFEFF' + JSON.stringify(result)).result, JSON.stringify(clean));
  assert.throws(() => sanitize('{', result), EdgefnError);
  assert.deepEqual(sanitize(viewer, { status: '200', headers: { connection: [{ value: 'x' }], __proto__: null } }).result, { status: '200', headers: {} });
});

await test('sanitize(): custom headers of an origin', () => {
  const event = sample('origin-request');
  const result = edited((r) => Object.assign(r.origin.custom.customHeaders, { 'x-good': [{ value: '1' }], host: [{ value: '1' }], accept: [{ value: '1' }] }), event);
  assert.deepEqual(ids(check(event, result)).sort(), ['origin.header.clash', 'origin.header.denied']);
  assert.deepEqual(Object.keys(sanitize(event, result).result.origin.custom.customHeaders), ['x-good']);
  const many = edited((r) => { for (let i = 0; i < 10; i++) r.origin.custom.customHeaders[`x-${i}`] = [{ value: 'a'.repeat(1700) }]; }, event);
  assert(ids(check(event, many)).includes('origin.header.size'));
  assert.deepEqual(sanitize(event, many).result, resultOf(event));
});

await test('sanitize(): values of a header that are allowed stay, and what the library would not write is undone, too', () => {
  const event = sample('viewer-request', { headers: [['Connection', 'a'], ['Connection', 'b'], ['X-A', '1']] });
  const clean = (change) => sanitize(event, edited(change, event)).result.headers, { connection, host } = event.Records[0].cf.request.headers;
  assert.deepEqual(clean((r) => { r.headers.connection = [connection[1]]; r.headers.via = [{ value: 'x' }]; }).connection, [connection[1]]); // fewer are allowed
  assert.deepEqual(clean((r) => { r.headers.connection[1] = { key: 'Connection', value: 'c', more: 1 }; }).connection, connection);
  assert.deepEqual(clean((r) => { delete r.headers.connection; delete r.headers.host; }).host, host);
  for (const odd of [[{ value: 'a\nb' }], []]) assert.deepEqual(clean((r) => { r.headers.host = odd; }).host, host, JSON.stringify(odd));
  const kept = clean((r) => { r.headers.host = [{ value: 'x' }]; r.headers['x-a'] = [{ value: 'a\nb', more: 1 }]; r.headers['x y'] = []; });
  assert.deepEqual([kept['x-a'], kept['x y'], Object.keys(kept)[0]], [[{ value: 'a\nb', more: 1 }], [], 'host']);
  const many = edited((r) => { for (let i = 0; i < 20000; i++) r.headers[`x-edge-${i}`] = [{ value: '1' }]; r.headers['x-a'] = []; }, event), begin = performance.now();
  assert.deepEqual(sanitize(event, many).result, edited((r) => { r.headers['x-a'] = []; }, event));
  assert(performance.now() - begin < 20000, 'linear time');
  const origin = sample('origin-request'), custom = edited((r) => { r.origin.custom.customHeaders = { 'x-a': [{ key: 'X-A', value: 'short', more: 1 }, { key: 'X-A', value: 'a'.repeat(2000) }] }; }, origin);
  assert.deepEqual(sanitize(origin, custom).result.origin.custom.customHeaders, { 'x-a': [{ key: 'X-A', value: 'short', more: 1 }] });
  const functions = sample('functions-viewer-request'), more = edited((r) => { r.headers.via = { value: 'x', multiValue: [{ value: 'x' }, { value: 'y' }] }; r.headers.host.more = 1; }, functions);
  assert.deepEqual(sanitize(functions, more).result, edited((r) => { r.headers.host.more = 1; }, functions));
});

await test('sanitize(): CloudFront Functions', () => {
  const event = sample('functions-viewer-request');
  const result = edited((r) => { r.headers.host.value = 'x'; r.headers.via = { value: 'x' }; }, event);
  assert.deepEqual(sanitize(event, result).result, resultOf(event));
  assert.deepEqual(sanitize(event, { request: result }).result, { request: resultOf(event) });
  const output = JSON.stringify({ request: result }); // of test-function: only found
  assert(check(event, JSON.stringify(output)).length > 2);
  assert.deepEqual(sanitize(event, JSON.stringify(output)), { result: JSON.stringify(output), undone: [] });
  const whole = { TestResult: { FunctionOutput: output } };
  assert.deepEqual(sanitize(event, whole), { result: whole, undone: [] });
});

// --- wrap(), assertAccepted(), the matcher

const bad = (event) => {
  const { request } = event.Records[0].cf;
  request.headers.host[0].value = 'other.example'; // in the event itself
  return request;
};

await test('wrap(): async', async () => {
  await assert.rejects(wrap(async (event) => bad(event))(structuredClone(viewer)), (error) => error instanceof RefusedError && error.findings[0].subject === 'host');
  const good = wrap(async (event, context) => ({ ...event.Records[0].cf.request, uri: context.uri }));
  assert.equal((await good(structuredClone(viewer), { uri: '/a' })).uri, '/a');
  await assert.rejects(wrap(async () => { throw new Error('mine'); })(viewer), /mine/);
  await assert.rejects(wrap(async () => undefined)(viewer), /result is not a JSON object/);
  await assert.rejects(wrap(async () => JSON.stringify(requestOf(viewer)))(viewer), RefusedError); // a string, not an object
});

await test('wrap(): callback', async () => {
  const call = (handler) => new Promise((done, fail) => handler(structuredClone(viewer), {}, (error, result) => (error ? fail(error) : done(result))));
  await assert.rejects(call(wrap((event, context, callback) => callback(null, bad(event)))), RefusedError);
  await assert.rejects(call(wrap((event, context, callback) => void setTimeout(() => callback(null, bad(event))))), RefusedError);
  await assert.rejects(call(wrap((event, context, callback) => callback(new Error('mine')))), /mine/);
  assert.equal((await call(wrap((event, context, callback) => callback(null, event.Records[0].cf.request)))).method, 'GET');
  assert.equal(wrap((event, context, callback) => callback()).length, 3);
  const handler = (event, context, callback) => callback(null, bad(event));
  await assert.rejects(wrap(handler)(structuredClone(viewer)), RefusedError); // without a callback
  await assert.rejects(wrap(handler, { promise: true })(structuredClone(viewer), {}, () => assert.fail()), RefusedError);
  assert.equal((await wrap(async (event, context, callback) => event.Records[0].cf.request)(structuredClone(viewer))).method, 'GET');
});

await test('wrap(): CloudFront Functions', async () => {
  const event = sample('functions-viewer-request');
  assert.throws(() => wrap((e) => ({ statusCode: '302' }))(structuredClone(event)), RefusedError);
  assert.equal(wrap((e) => e.request)(structuredClone(event)).method, 'GET');
  await assert.rejects(wrap(async (e) => ({ ...e.request, headers: {} }))(structuredClone(event)), RefusedError);
});

await test('wrap(): the type of a simulator\'s events', async () => {
  const result = { status: '200', headers: {}, body: 'x' }, event = sample('viewer-response');
  event.Records[0].cf.config.eventType = 'viewer-request';
  await assert.rejects(wrap(async (e) => ({ ...e.Records[0].cf.response, status: '404' }), { type: 'viewer-response' })(event), /status\.changed/);
  assert.equal(event.Records[0].cf.config.eventType, 'viewer-request'); // the function's own event stays as it is
  await wrap(async () => result, { type: 'origin-request' })(sample('viewer-request'));
});

await test('wrap(): this, and the log', async () => {
  const lines = [], found = [], log = (line, findings) => {
    lines.push(line);
    found.push(findings && ids(findings));
  };
  const it = { name: 'x', handler: wrap(function (event) { return { ...bad(event), uri: `/${this.name}` }; }, { log }) };
  assert.equal(it.handler(structuredClone(viewer)).uri, '/x');
  assert.match(lines.join('\n'), /header\.read-only\.changed/);
  const doubtful = { status: '200', headers: { 'X-A': [{ key: 'X-A', value: '1' }] } };
  assert.equal(wrap(() => doubtful, { log })(viewer), doubtful); // reported, too
  assert.equal(wrap((event) => event.Records[0].cf.request, { log })(structuredClone(viewer)).method, 'GET');
  assert.deepEqual(found, [['header.read-only.changed'], ids(check(viewer, doubtful))]);
  assert.equal(wrap(() => 1n, { log: (line) => lines.push(line) })(viewer), 1n);
  assert.match(lines.at(-1), /BigInt/);
});

await test('assertAccepted()', () => {
  assertAccepted(requestOf(viewer), viewer);
  assert.throws(() => assertAccepted(bad(structuredClone(viewer)), viewer), (error) => {
    assert.equal(error.code, 'EDGEFN_E_CHECK');
    assert.match(error.message, /CloudFront would answer with status 502 instead: 1 refused/);
    assert.match(error.message, /where: headers\.host\n.*CloudFront says: .*\n.*what to do: return this header unchanged/);
    return true;
  });
  const doubtful = { status: '200', headers: { 'X-A': [{ key: 'X-A', value: '1' }] } };
  assertAccepted(doubtful, viewer);
  assert.throws(() => assertAccepted(doubtful, viewer, { doubtful: true }), /doubtful/);
  assert.throws(() => assertAccepted({}, '{'), EdgefnError);
  assert.throws(() => assertAccepted('{}', viewer), RefusedError); // a function must not return a text
  assert.throws(() => assertAccepted(Buffer.from('{}'), viewer), RefusedError);
  const own = structuredClone(viewer), returned = bad(own); // compared with itself it would be accepted
  assert.throws(() => assertAccepted(returned, own), { name: 'TypeError', message: /structuredClone/ });
  assert.throws(() => assertAccepted({ ...returned, uri: '/' }, own), { name: 'TypeError', message: /structuredClone/ });
  assertAccepted({ status: '200' }, own);
});

await test('the matcher', () => {
  const { pass, message } = matchers.toBeAcceptedBy(bad(structuredClone(viewer)), viewer);
  assert.equal(pass, false);
  assert.match(message(), /read-only/);
  assert.equal(matchers.toBeAcceptedBy(requestOf(viewer), viewer).pass, true);
  // jest.cjs needs a global expect()
  let extended;
  const module = { require: (name) => require(`edgefn/${name === './index.cjs' ? 'package.json' : ''}`) && edgefn };
  runInContext(readFileSync(require.resolve('edgefn/jest'), 'utf8'), createContext({ expect: { extend: (m) => (extended = m) }, ...module }));
  assert.equal(extended, matchers);
});

// --- size, speed, memory

await test('other formats are named', () => {
  assert.deepEqual(check(viewer, { statusCode: 200, headers: { a: 'b' }, body: 'x' }).notes, ['this is an API Gateway answer']);
});

await test('memory is given back', () => {
  const own = edgefn.load(new WebAssembly.Module(wasm)), text = JSON.stringify(viewer), result = JSON.stringify(requestOf(viewer));
  own.check(text, result);
  const before = own.memory();
  for (let i = 0; i < 2000; i++) own.check(text, result);
  assert.equal(own.memory(), before);
  assert(before < 4 << 20, String(before));
  assert.deepEqual(ids(own.check(text, { status: '200', body: 'ä'.repeat(5 << 20) })), ['response.size']);
  assert.equal(own.memory(), 0); // after 10 MB the instance is dropped
  assert.equal(own.check(text, result).length, 0);
  assert.equal(own.memory(), before);
});

await test('an event of 10 MB, and 20,000 findings', () => {
  const large = sample('viewer-request', { body: 'x'.repeat(8 << 20) });
  assert.equal(check(large, requestOf(large)).length, 0);
  const headers = Object.fromEntries(Array.from({ length: 20000 }, (_, i) => [`x-${i}`, [{ value: 'ä\n' }]]));
  const start = performance.now(), findings = check(viewer, { ...requestOf(viewer), headers: { ...requestOf(viewer).headers, ...headers } });
  assert.equal(findings.length, 20000);
  assert.equal(findings.at(-1).path, 'headers["x-19999"][0].value');
  const took = performance.now() - start;
  assert(took < 10000, `${took} ms`);
});

await test('without Buffer, as in a browser', async () => {
  const code = `delete globalThis.Buffer; import('edgefn').then(({ check, sample }) => { const event = sample('viewer-request');
    process.stdout.write(String(check(event, event.Records[0].cf.request).length)); });`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code], { cwd: app, encoding: 'utf8' });
  assert.equal(stdout, '0', stderr);
});

const about = sample('viewer-request', { headers: Array.from({ length: 60 }, (_, i) => [`X-H${i}`, 'v'.repeat(30)]) }), result = requestOf(about);
// processor time, because tests run beside each other
const times = Array.from({ length: 40 }, () => {
  const start = process.cpuUsage();
  for (let i = 0; i < 20; i++) check(about, result);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / 20;
}).sort((a, b) => a - b);
await test('a check of an event of 5 KB takes less than 1 ms', () => assert(times[20] < 1, `${times[20]} ms`));
const start = performance.now();
edgefn.load(wasm);
console.log(`npm: a check of an event of ${JSON.stringify(about).length} bytes takes ${times[20].toFixed(2)} ms of processor time (the best ` +
  `${times[0].toFixed(2)}); loading ${(performance.now() - start).toFixed(1)} ms`);
printCounts();
