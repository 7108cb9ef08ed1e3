// cloudfront.mjs - what CloudFront Functions (runtime 2.0) have: a language without timers, network, files and process, and the modules
// cloudfront, crypto, querystring and buffer.
import { Buffer } from 'node:buffer';
import nodeCrypto from 'node:crypto';
import querystring from 'node:querystring';
import vm from 'node:vm';

const SLOW = 10; // milliseconds

// crypto: hashes and message authentication codes only
function only(algorithm) {
  if (!['md5', 'sha1', 'sha256'].includes(String(algorithm))) throw new TypeError(`not supported by CloudFront Functions: ${algorithm}`);
  return algorithm;
}
const crypto = {
  createHash: (algorithm) => nodeCrypto.createHash(only(algorithm)),
  createHmac: (algorithm, key) => nodeCrypto.createHmac(only(algorithm), key),
};

/* Key-value stores: the table with the store's id, otherwise the table "kv". */
function store(tables, id) {
  const rows = tables[id] ?? tables.kv ?? {}, started = new Date().toISOString();
  return {
    async get(key, { format = 'string' } = {}) {
      if (!Object.hasOwn(rows, key)) throw new Error('KeyNotFound');
      if (format === 'json') return JSON.parse(rows[key]);
      return format === 'bytes' ? Buffer.from(rows[key]) : rows[key];
    },
    exists: async (key) => Object.hasOwn(rows, key),
    count: async () => Object.keys(rows).length,
    meta: async () => ({ creationDateTime: started, lastUpdatedDateTime: started, keyCount: Object.keys(rows).length }),
  };
}

// ---- where a request is sent: what the helpers choose, in words of the host, "domain=www.example.com port=443", with values in percent-encoding. What is not
// named is that of the behavior's origin.

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isDomain = (value) => typeof value === 'string' && value.length <= 253 && /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/.test(value) && !/\.\d+$/.test(value);
const isPath = (value) => value === '' || (typeof value === 'string' && /^\/[!-~]*[!-.0-~]$/.test(value) && value.length <= 255);
const seconds = (most) => (value) => Number.isInteger(value) && value >= 1 && value <= most;
const isHeaders = (value) => isObject(value) && Object.entries(value).every(([name, text]) => /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) && typeof text === 'string' && !/[\0-\x1f\x7f]/.test(text));
const isOneOf = (...all) => (value) => all.includes(value);
const known = (value) => value !== undefined;
const isPort = (value) => Number.isInteger(value) && (value === 80 || value === 443 || (value >= 1024 && value <= 65535));

// member: [what it must be, the check]; without effect here are those whose third element says so
const UNUSED = true;
const customMembers = { port: ['80, 443 or 1024 to 65535', isPort], protocol: ['"http" or "https"', isOneOf('http', 'https')], sslProtocols: ['a list', Array.isArray, UNUSED], ipAddressType: ['a type', known, UNUSED] };
const timeMembers = { readTimeout: ['1 to 120', seconds(120)], keepAliveTimeout: ['1 to 120', seconds(120)], responseCompletionTimeout: ['a number', Number.isInteger, UNUSED], connectionTimeout: ['1 to 10', seconds(10), UNUSED] };
const nameMembers = { hostHeader: ['a domain name', isDomain], sni: ['a domain name', isDomain, UNUSED], allowedCertificateNames: ['a list', Array.isArray, UNUSED] };
const originMembers = {
  domainName: ['a domain name, without a port', isDomain], originPath: ['"" or a path that begins with "/" and does not end with it', isPath],
  customHeaders: ['an object of texts, with names in lower case', isHeaders], timeouts: ['an object', isObject], customOriginConfig: ['an object', isObject], ...nameMembers,
  connectionAttempts: ['1 to 3', seconds(3), UNUSED], originShield: ['an object', isObject, UNUSED], originAccessControlConfig: ['an object', isObject, UNUSED], mTLSConfig: ['"inherit" or "off"', isOneOf('inherit', 'off'), UNUSED],
};

function examine(where, given, members, log) {
  if (!isObject(given)) throw new TypeError(`${where} must be an object`);
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(members, name)) throw new TypeError(`${where} has no "${name}": it may have ${Object.keys(members).join(', ')}`);
    const [what, fits, unused] = members[name];
    if (!fits(value)) throw new TypeError(`${where}: "${name}" must be ${what}`);
    if (unused) log(`${where}: "${name}" has no effect here`);
  }
}

const word = (name, value) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]);
const wordsOf = ({ domainName, hostHeader, originPath, customHeaders, timeouts = {}, customOriginConfig: custom }) => [
  ...(custom ? ['kind=custom'] : []), ...word('domain', domainName), ...word('host', hostHeader ?? domainName), ...word('protocol', custom?.protocol), ...word('port', custom?.port), ...word('path', originPath),
  ...word('read', timeouts.readTimeout), ...word('keepalive', timeouts.keepAliveTimeout), ...(customHeaders ? ['headers=none'] : []),
  ...Object.entries(customHeaders ?? {}).map(([name, value]) => `header=${encodeURIComponent(name)}:${encodeURIComponent(value)}`),
].join(' ');

// EDGE_ORIGINS: "ID words", in lines: the origins of edge.json
function originOf(id) {
  const all = new Map((process.env.EDGE_ORIGINS ?? '').split('\n').filter(Boolean).map((line) => line.split('\t'))), names = [...all.keys()].map((name) => `"${name}"`).join(', ');
  if (!all.has(id)) throw new Error(`no origin has the id "${id}": ${names ? `edge.json has ${names}` : 'ids are those of Origins in edge.json, which is not used'}`);
  return all.get(id);
}

// choose(words): where the request is sent
function originHelpers(choose, log) {
  const select = (where, id, { hostHeader, ...more } = {}) => {
    examine(where, { ...(hostHeader === undefined ? {} : { hostHeader }), ...more }, nameMembers, log);
    choose([originOf(id), ...word('host', hostHeader)].join(' '));
  };
  return {
    updateRequestOrigin(given) {
      examine('updateRequestOrigin', given, originMembers, log);
      if (given.customOriginConfig) examine('customOriginConfig', given.customOriginConfig, customMembers, log);
      if (given.timeouts) examine('timeouts', given.timeouts, timeMembers, log);
      choose(wordsOf(given));
    },
    selectRequestOriginById: (id, more) => select('selectRequestOriginById', id, more),
    createRequestOriginGroup(given) {
      const ids = (Array.isArray(given?.originIds) ? given.originIds : []).map((one) => one?.originId ?? one);
      if (ids.length !== 2) throw new TypeError('createRequestOriginGroup: "originIds" must be a list of two origins');
      if (!Array.isArray(given.failoverCriteria?.statusCodes)) throw new TypeError('createRequestOriginGroup: "failoverCriteria" must be an object with a list "statusCodes"');
      originOf(ids[1]);
      select('createRequestOriginGroup', ids[0]);
      log(`createRequestOriginGroup: the request goes to "${ids[0]}", and never to "${ids[1]}", because there is no failover here`);
    },
  };
}

// events: the event in hand, for helpers that depend on it
function cloudfront(tables, events, log) {
  const choose = (words) => {
    if (!events.request) throw new Error('the origin can only be chosen at viewer-request');
    events.origin = words;
    const { domain = '(unchanged)', protocol, port, path = '' } = Object.fromEntries(words.split(' ').map((one) => one.split('=')));
    log(`the origin is ${protocol ? `${protocol}://` : ''}${domain}${port ? `:${port}` : ''}${decodeURIComponent(path)}`);
  };
  return {
    kvs: (id) => store(tables, id),
    ...originHelpers(choose, log),
    edgeLocation: { name: 'DSK', serverIp: '127.0.0.1', region: 'us-east-1' },
    logCustomData: (text) => log(`logCustomData: ${text}`),
  };
}

// request.rawQueryString(), as far as the event has it
function rawQueryString() {
  const pairs = Object.entries(this.querystring).flatMap(([name, item]) => (item.multiValue ?? [item]).map(({ value }) => (value === '' ? name : `${name}=${value}`)));
  return pairs.length > 0 ? pairs.join('&') : undefined;
}

// Of an item with several values, a changed `value` is the first one, unless the list was changed.
function settle(before, after) {
  for (const [name, item] of Object.entries(after ?? {})) {
    const was = before?.[name];
    if (!Array.isArray(item?.multiValue) || !was?.multiValue || item.value === was.value) continue;
    if (JSON.stringify(item.multiValue) === JSON.stringify(was.multiValue)) item.multiValue[0].value = item.value;
  }
}

function settled(text, result) {
  if (typeof result !== 'object' || result === null) return result;
  const event = JSON.parse(text), before = 'statusCode' in result ? event.response : event.request;
  for (const list of ['headers', 'cookies', 'querystring']) if (typeof result[list] === 'object') settle(before?.[list], result[list]);
  return result;
}

/** Returns an async function (text of an event) => { text of the result, origin: words }. host: log(), fault() and written() of environment.mjs. */
export async function loadFunction(source, file, tables, { log, fault, written }) {
  const events = { request: false, origin: '' }, modules = { cloudfront: cloudfront(tables, events, log), crypto, querystring, buffer: { Buffer } };
  const require = (name) => {
    if (!Object.hasOwn(modules, name)) throw new Error(`CloudFront Functions have no module "${name}"`);
    return modules[name];
  };
  const print = (...words) => log(words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word) ?? String(word))).join(' '));
  const console = { log: print, error: print, warn: print, info: print, debug: print };
  const context = vm.createContext({ require, console, Buffer, atob, btoa, TextEncoder, TextDecoder }, { codeGeneration: { strings: false, wasm: false } });
  const strict = "'use strict';";
  const code = strict + source.replace(/^(\s*)import\s+(\w+|\{[^}]*\})\s+from\s+(['"]\w+['"])/gm, '$1const $2 = require($3)');
  vm.runInContext('for (const name of ["WebAssembly", "SharedArrayBuffer", "Atomics"]) delete globalThis[name]', context);
  vm.runInContext('String.bytesFrom = (text, encoding) => Buffer.from(text, encoding).toString("latin1")', context);
  new vm.Script(code, { filename: file, columnOffset: -strict.length }).runInContext(context);
  const handler = vm.runInContext('typeof handler === "function" ? handler : undefined', context), parse = vm.runInContext('JSON.parse', context);
  if (handler === undefined) throw fault(`${file} has no function handler, which CloudFront Functions call: function handler(event) { ... }`);
  if (Buffer.byteLength(source) > 10240) log(`it has ${Buffer.byteLength(source)} bytes: CloudFront allows 10240`);
  let warm = false; // the first event is slower in every engine
  return async (text) => {
    const event = parse(text), start = performance.now();
    if (!event.request) throw fault('the event is one of Lambda@Edge, and this function is for CloudFront Functions, because it exports no handler');
    Object.defineProperty(event.request, 'rawQueryString', { value: rawQueryString });
    Object.assign(events, { request: !event.response, origin: '' });
    const result = await handler(event), took = performance.now() - start;
    if (took > SLOW && warm) log(`it took ${took.toFixed(1)} ms: CloudFront allows about 1 ms of processor time`);
    warm = true;
    return { ok: written(settled(text, result)), origin: events.origin };
  };
}
