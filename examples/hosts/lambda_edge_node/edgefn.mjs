// edgefn.mjs - runs a handler, compiled to WebAssembly together with wasm.c, on Lambda@Edge events.
//
//     const edge = load(readFileSync('handler.wasm'));
//     const result = edge(event);          // the result for CloudFront; throws on failure and never passes an event through
//
// Runs one event at a time, as Lambda does. The module imports only the log and the verification of signatures; all other data passes
// through its memory.
import { createPublicKey, randomFillSync, randomInt, verify } from 'node:crypto';

/** The event was refused (code 1), or the handler failed or CloudFront would refuse its result (code 3); the message says why. */
export class EdgefnError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'EdgefnError';
    this.code = code;
  }
}

const pool = Buffer.alloc(1024);
let spent = pool.length;

// 16 bytes of the system's random source, which is read in larger blocks, because that is faster.
function randomBits() {
  if (spent === pool.length) {
    randomFillSync(pool);
    spent = 0;
  }
  return pool.subarray(spent, spent += 16);
}

/**
 * Makes a function from a module. options:
 *   tables  {"secret": {"name": "value"}, "kv": {...}}: the tables of edgefn_lookup(); without them every look-up fails
 *           "jwks": {"issuer": its JWKS, as an object or as text}: public keys for tokens signed with RS256 or ES256
 *   now     () => whole seconds since 1970
 *   draw    () => whole number from 0 to below 2^32
 *   random  () => Buffer of 16 unpredictable bytes
 *   log     (line) => writes a text of edgefn_log(), without control characters
 */
export function load(bytes, { tables, now = () => Math.floor(Date.now() / 1000), draw = () => randomInt(2 ** 32), random = randomBits, log = console.log } = {}) {
  const module = new WebAssembly.Module(bytes);
  const rows = tables === undefined ? undefined : rowsOf(tables);
  const check = tables?.jwks === undefined ? () => false : verifier(tables.jwks);
  const lines = []; // of the log: written after the module has returned, because log() may call the function again with another event
  let call, view;

  // When the memory grows, it gets a new buffer.
  function fresh() {
    if (view === undefined || view.buffer !== call.memory.buffer) view = Buffer.from(call.memory.buffer);
    return view;
  }

  function start() {
    const part = (at, len) => fresh().subarray(at >>> 0, (at >>> 0) + len);
    const text = (at, len) => (at === 0 ? undefined : part(at, len).toString());
    const edgehost = {
      log: (at, len) => lines.push(text(at, len)),
      verify: (alg, algLen, kid, kidLen, message, messageLen, signature, signatureLen) =>
        check(text(alg, algLen), text(kid, kidLen), part(message, messageLen), part(signature, signatureLen)),
    };
    call = new WebAssembly.Instance(module, { edgehost }).exports;
    if (!call.edgehost_event_run) throw new TypeError('the module is not a handler: link it with edgefn_host.c and wasm.c');
    view = undefined;
    if (rows !== undefined) store(rows);
  }

  // An array of edgehost_tables_row, followed by the bytes that it points to.
  function store(rows) {
    const strings = rows.flat();
    let at = call.edgehost_tables_room(rows.length, strings.reduce((sum, s) => sum + s.length, 0), tables.jwks !== undefined) >>> 0;
    if (at === 0) throw new RangeError('the look-up tables are larger than the available memory');
    const words = new Uint32Array(call.memory.buffer, at, strings.length * 2);
    at += words.byteLength;
    strings.forEach((s, i) => {
      words.set([at, s.length], i * 2);
      at += s.copy(fresh(), at);
    });
  }

  // Returns undefined if the event is unchanged: then the result is part of the event and need not be parsed.
  function run(json) {
    const len = Buffer.byteLength(json), clock = now(), drawn = draw(), bits = random(); // first, because they may call the function again with another event
    const at = call.edgehost_event_room(len) >>> 0;
    if (at === 0) throw new RangeError(`an event of ${len} bytes is larger than the available memory`);
    fresh().write(json, at);

    const answer = call.edgehost_event_run(len, clock, drawn, bits.readUInt32LE(0), bits.readUInt32LE(4), bits.readUInt32LE(8), bits.readUInt32LE(12));
    // the memory may have grown: get its buffer only now
    const [code, result, resultLen, why, whyLen] = new Uint32Array(call.memory.buffer, answer, 5);
    const text = (from, length) => fresh().toString('utf8', from, from + length);
    if (code !== 0) throw new EdgefnError(code, text(why, whyLen).trim());
    return result >= at && result < at + len ? undefined : text(result, resultLen);
  }

  function edge(event) {
    const json = JSON.stringify(event);
    if (json === undefined) throw new TypeError('the event is missing');
    if (call === undefined) start();
    try {
      const result = run(json);
      return result === undefined ? received(event) : JSON.parse(result);
    } catch (error) {
      if (!(error instanceof EdgefnError)) call = undefined; // after a trap the module's state is undefined: the next event gets a new instance
      throw error;
    } finally {
      lines.splice(0).forEach((line) => log(line));
    }
  }

  /** Size of the module's memory in bytes. */
  edge.memory = () => (call === undefined ? 0 : call.memory.buffer.byteLength);
  start();
  return edge;
}

// The request or response in the event; events of CloudFront Functions have their type in `context`.
function received(event) {
  const { config, context, request, response } = event.Records ? event.Records[0].cf : event;
  return (config ?? context).eventType.endsWith('request') ? request : response;
}

// [table, key, value] as UTF-8, in the order that edgehost_tables_lookup() needs.
function rowsOf(tables) {
  const object = (value, what) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new TypeError(`${what} is not an object`);
    return Object.entries(value);
  };
  const rows = [];
  for (const [table, entries] of object(tables, 'the configuration'))
    for (const [key, value] of object(entries, `table "${table}"`)) {
      const text = table === 'jwks' && value !== null && typeof value === 'object' ? JSON.stringify(value) : value;
      if (typeof text !== 'string') throw new TypeError(`table "${table}": the value of "${key}" is not a string`);
      rows.push([table, key, text].map((s) => Buffer.from(s)));
    }
  return rows.sort((a, b) => Buffer.compare(a[0], b[0]) || Buffer.compare(a[1], b[1]));
}

// Signatures of tokens by public keys (edgefn_env.verify), RS256 and ES256: the same rules as in edgefn_verify.h.
const MIN_BITS = 2048, MAX_BITS = 8192, MAX_KEYS = 100;

/**
 * sets: {issuer: its JWKS, as an object or as text}. A key verifies the tokens of its own issuer (iss) and no others.
 * Returns (alg, kid, message, signature) => whether the signature is valid. kid: undefined if the token has none; message, signature: Buffers.
 * Throws if an issuer has no usable key. Keys that are not for this are skipped, as RFC 7517 demands.
 */
function verifier(sets) {
  const issuers = new Map(Object.entries(sets).map(([issuer, set]) => [issuer, keysOf(issuer, set)]));
  return (alg, kid, message, signature) => {
    const keys = (issuers.get(issuerOf(message)) ?? []).filter((key) => key.alg === alg && (kid === undefined || key.kid === kid));
    if (keys.length !== 1 || keys[0].ambiguous) return false;
    const { key } = keys[0];
    if (alg === 'ES256') return signature.length === 64 && verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
    return alg === 'RS256' && verify('sha256', message, key, signature);
  };
}

// The claim iss of HEADER.PAYLOAD; undefined if it is not a text.
function issuerOf(message) {
  try {
    const { iss } = JSON.parse(Buffer.from(message.toString('latin1').split('.')[1], 'base64url').toString());
    return typeof iss === 'string' ? iss : undefined;
  } catch {
    return undefined;
  }
}

function keysOf(issuer, set) {
  const wrong = (why) => new TypeError(`table "jwks": ${issuer}: ${why}`);
  let jwks = set;
  try {
    if (typeof set === 'string') jwks = JSON.parse(set);
  } catch {
    jwks = null;
  }
  if (!Array.isArray(jwks?.keys)) throw wrong('not a JWKS, which is a JSON object with a list "keys"');
  if (jwks.keys.length > MAX_KEYS) throw wrong(`the JWKS has more than ${MAX_KEYS} keys`);
  const keys = [];
  let why = 'the JWKS has no key';
  for (const [i, jwk] of jwks.keys.entries())
    try {
      keys.push(keyOf(jwk));
    } catch (error) {
      why = `key ${i + 1} of the JWKS is not used: ${error.message}`;
    }
  if (keys.length === 0) throw wrong(why);
  for (const key of keys) key.ambiguous = key.kid !== undefined && keys.some((other) => other !== key && other.kid === key.kid);
  return keys;
}

// Strict base64url: without padding, white space or bits that do not count.
function bytes(text) {
  const decoded = typeof text === 'string' ? Buffer.from(text, 'base64url') : Buffer.alloc(0);
  if (decoded.length === 0 || decoded.toString('base64url') !== text) throw new Error('a number is missing or not base64url');
  return decoded;
}

// Throws an error with the reason if a JWK cannot be used.
function keyOf(jwk) {
  const refuse = (why) => {
    throw new Error(why);
  };
  if (jwk === null || typeof jwk !== 'object') refuse('not an object');
  const { kty, use, alg, crv, n, e, x, y, key_ops: ops } = jwk, kid = jwk.kid ?? undefined;
  const mine = { RSA: 'RS256', EC: 'ES256' }[kty] ?? refuse('kty is not RSA or EC');
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) refuse('kid is not a text');
  if ((jwk.d ?? null) !== null) refuse('a private key: publish and configure only the public part');
  const operations = ops ?? ['verify'];
  if ((use ?? 'sig') !== 'sig' || (alg ?? mine) !== mine || !Array.isArray(operations) || !operations.includes('verify')) refuse('use, key_ops or alg says that it is for something else');
  if (mine === 'RS256') {
    const modulus = BigInt(`0x${bytes(n).toString('hex')}`), exponent = BigInt(`0x${bytes(e).toString('hex')}`), size = modulus.toString(2).length;
    if (size < MIN_BITS || size > MAX_BITS || modulus % 2n === 0n) refuse(`not a modulus of ${MIN_BITS} to ${MAX_BITS} bits`);
    if (exponent < 65537n || exponent >= 1n << 32n || exponent % 2n === 0n) refuse('e is not an odd number from 65537 to below 2^32'); // with an exponent of 1 anybody could sign
    return { alg: mine, kid, key: createPublicKey({ key: { kty, n, e }, format: 'jwk' }) };
  }
  if (crv !== 'P-256') refuse('a curve other than P-256');
  if (bytes(x).length !== 32 || bytes(y).length !== 32) refuse('x or y is not 32 bytes in base64url');
  return { alg: mine, kid, key: createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' }) };
}
