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

function cloudfront(tables, log) {
  const ignored = (name) => () => log(`cf.${name}() has no effect here: the origin stays`);
  return {
    kvs: (id) => store(tables, id),
    updateRequestOrigin: ignored('updateRequestOrigin'),
    selectRequestOriginById: ignored('selectRequestOriginById'),
    createRequestOriginGroup: ignored('createRequestOriginGroup'),
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

/** Returns an async function (text of an event) => text of the result. host: log(), fault() and written() of environment.mjs. */
export async function loadFunction(source, file, tables, { log, fault, written }) {
  const modules = { cloudfront: cloudfront(tables, log), crypto, querystring, buffer: { Buffer } };
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
    const result = await handler(event), took = performance.now() - start;
    if (took > SLOW && warm) log(`it took ${took.toFixed(1)} ms: CloudFront allows about 1 ms of processor time`);
    warm = true;
    return written(settled(text, result));
  };
}
