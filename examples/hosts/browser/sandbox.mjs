// sandbox.mjs - runs a function that a reader pasted: in a Worker, inside a frame without an origin, whose content security policy allows no
// connection. It cannot reach the page, its storage or a network, and ends when its time is up.

/* The script in the frame. It must not use anything of this file. It starts a Worker from the code, waits for one message, and ends it. */
function inFrame() {
  addEventListener('message', ({ data: { code, limit }, ports: [port] }) => {
    const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
    const worker = new Worker(url);
    const timer = setTimeout(() => done({ failed: 'time' }), limit);
    const logs = [];
    function done(message) {
      clearTimeout(timer);
      worker.terminate();
      port.postMessage({ ...message, logs, url });
    }
    worker.onmessage = ({ data }) => {
      if (typeof data === 'object' && data[0].length > 20e6) done({ failed: 'the result is larger than 20 MB' });
      else if (typeof data === 'string') logs.length < 200 && logs.push(data.slice(0, 2000));
      else done({ text: String(data[0]), ms: Number(data[1]), lost: String(data[2]), failed: data[3] && String(data[3]), stack: String(data[4] ?? '') });
    };
    worker.onerror = (error) => {
      error.preventDefault();
      done({ failed: error.message || 'the code cannot be loaded', line: error.lineno, column: error.colno });
    };
  });
}

/* The beginning and the end of the code in the Worker. They must not use anything of this file either. The first is one line, so that
   errors have the lines of the reader. */
function inWorker(event, kvs) {
  const { postMessage, performance, JSON, setTimeout, Object, Number, String, Promise, Error } = self, send = postMessage.bind(self), stringify = JSON.stringify;
  const words = (list) => list.map((v) => (typeof v === 'string' ? v : v instanceof Error ? v.message : stringify(v) ?? String(v))).join(' ');
  for (const name of ['log', 'info', 'warn', 'error', 'debug']) self.console[name] = (...list) => send(words(list));
  self.exports = {};
  self.module = { exports: self.exports };
  self.process = { env: {} };
  const missing = (name) => new Error(`there is no module "${name}" in this page: it runs functions without the modules of Node.js`);
  const querystring = {
    parse: (text) => [...new URLSearchParams(text)].reduce((all, [k, v]) => ({ ...all, [k]: k in all ? [].concat(all[k], v) : v }), {}),
    stringify: (object) => Object.entries(object).flatMap(([k, v]) => [].concat(v).map((one) => `${encodeURIComponent(k)}=${encodeURIComponent(one)}`)).join('&'),
  };
  const latin = (bytes) => { let text = ''; for (const byte of bytes) text += String.fromCharCode(byte); return text; };
  const toBytes = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  self.Buffer = class Buffer extends Uint8Array {
    static from(value, encoding = 'utf8') {
      if (typeof value !== 'string') return super.from(value instanceof ArrayBuffer ? new Uint8Array(value) : value);
      if (/^base64/.test(encoding)) return super.from(toBytes(atob(value.replace(/[^A-Za-z0-9+/_-]/g, '').replaceAll('-', '+').replaceAll('_', '/'))));
      if (encoding === 'hex') return super.from((value.match(/[0-9a-f]{2}/gi) ?? []).map((two) => parseInt(two, 16)));
      return super.from(/^(latin1|binary|ascii)$/.test(encoding) ? toBytes(value) : new TextEncoder().encode(value));
    }
    static isBuffer(value) { return value instanceof self.Buffer; }
    static alloc(size) { return new self.Buffer(size); }
    static byteLength(value, encoding) { return self.Buffer.from(value, encoding).length; }
    static concat(list) { return self.Buffer.from(list.flatMap((part) => [...part])); }
    toString(encoding = 'utf8') {
      if (encoding === 'base64') return btoa(latin(this));
      if (encoding === 'base64url') return btoa(latin(this)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
      if (encoding === 'hex') return Array.from(this, (byte) => byte.toString(16).padStart(2, '0')).join('');
      return /^(latin1|binary|ascii)$/.test(encoding) ? latin(this) : new TextDecoder().decode(this);
    }
    toJSON() { return { type: 'Buffer', data: Array.from(this) }; }
  };
  self.require = (name) => {
    if (name === 'querystring' || name === 'node:querystring') return querystring;
    if (name === 'buffer' || name === 'node:buffer') return { Buffer: self.Buffer };
    throw missing(name);
  };
  self.cloudfront = { kvs: () => ({
    async get(key, { format } = {}) {
      if (!Object.hasOwn(kvs, key)) throw new Error('KeyNotFound');
      return format === 'json' ? JSON.parse(kvs[key]) : kvs[key];
    },
    exists: async (key) => Object.hasOwn(kvs, key),
    meta: async () => ({ keyCount: Object.keys(kvs).length }),
  }) };

  return async function run(handler) {
    const lost = [];
    let start = performance.now(), ms = 0;
    function loses(key, value) {
      const plain = this?.[key];
      if (value === undefined || typeof value === 'function' || typeof value === 'symbol') lost.push(`${key || 'the result'} (${typeof value})`);
      else if (typeof value === 'number' && !Number.isFinite(value)) lost.push(`${key} (${value})`);
      else if (/^\[object (Map|Set|Promise|Headers|URLSearchParams|RegExp|Error)\]$/.test(Object.prototype.toString.call(plain))) lost.push(`${key} (${Object.prototype.toString.call(plain).slice(8, -1)})`);
      return value;
    }
    try {
      handler = handler ?? self.module.exports.handler ?? self.exports.handler ?? (typeof self.module.exports === 'function' ? self.module.exports : undefined);
      if (typeof handler !== 'function') throw new Error('no function "handler": the code must define or export one');
      const context = { functionName: 'playground', awsRequestId: '00000000-0000-0000-0000-000000000000', getRemainingTimeInMillis: () => 1000 };
      start = performance.now();
      const value = await new Promise((resolve, reject) => {
        const made = handler(JSON.parse(event), context, (error, result) => (error ? reject(error) : resolve(result)));
        if (handler.length < 3 || (made !== undefined && typeof made?.then === 'function')) resolve(made);
      });
      ms = performance.now() - start;
      const text = stringify(value, loses, 2);
      send([text ?? 'null', ms, lost.slice(0, 20).join(', ')]);
    } catch (error) {
      ms = performance.now() - start;
      send(['', ms, '', error instanceof Error || error?.message ? `${error.name}: ${error.message}` : `threw ${words([error])}`, error?.stack]);
    }
  };
}

export const FRAME = `(${inFrame})()`;
const POLICY = "default-src 'none'; connect-src 'none'; worker-src blob:; script-src SCRIPT";

/** The page of the frame. hash: of its script, which build.mjs also writes into the policy of the page. */
const frameText = (hash) => `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY.replace('SCRIPT', `'sha256-${hash}'`)}"><script>${FRAME}<\/script>`;

// The code for the Worker, a classic one: browsers refuse modules where there is no origin. Its exports become definitions, and its imports what
// inWorker() provides.
function workerCode(code, event, kvs) {
  const isModule = /^\s*(?:export|import)\s*[\w{*'"]/m.test(code);
  const head = `${isModule ? "'use strict';" : ''}const __run=(${inWorker})(${JSON.stringify(event)},${JSON.stringify(kvs)});`.replace(/\n/g, ' ');
  const body = code.replace(/^(\s*)import\s+(\w+)\s+from\s+(['"])cloudfront\3/m, '$1const $2 = self.cloudfront')
    .replace(/^(\s*)import\s+(\w+)\s+from\s+(['"](?:node:)?querystring['"])/m, '$1const $2 = require($3)')
    .replace(/^(\s*)import\b[^;\n]*?from\s+(['"][\w:@./-]+['"])/m, '$1require($2)');
  const plain = isModule ? body.replace(/^(\s*)export\s+default\s+(?=async|function|\()/m, '$1exports.handler = ').replace(/^(\s*)export\s+(?=const|let|var|async|function)/gm, '$1')
    .replace(/^(\s*)export\s*\{[^}]*\};?/gm, '$1') : body;
  return `${head}\n${plain}\n;__run(typeof handler === 'function' ? handler : undefined);`;
}

/**
 * Runs code on the text of an event. Returns { text, ms, lost, logs } or { failed, line, column, logs }: failed is 'time', 'silence' if nothing was
 * heard of the frame, or a message.
 * limit: milliseconds.
 */
export async function runInSandbox(code, event, { hash, limit, kvs = {} }) {
  const frame = document.createElement('iframe'), channel = new MessageChannel();
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.setAttribute('aria-hidden', 'true');
  frame.hidden = true;
  frame.tabIndex = -1;
  frame.title = 'where the function runs';
  frame.srcdoc = frameText(hash);
  try {
    const silence = () => new Promise((resolve) => setTimeout(resolve, limit + 1500, { failed: 'silence', logs: [] })); // the browser has ended the frame, or it is kept busy
    const loaded = new Promise((resolve) => frame.addEventListener('load', () => resolve(), { once: true }));
    document.body.append(frame);
    const early = await Promise.race([loaded, silence()]);
    if (early) return early;
    const message = await Promise.race([silence(), new Promise((resolve) => {
      channel.port1.onmessage = ({ data }) => resolve(data);
      frame.contentWindow.postMessage({ code: workerCode(code, event, kvs), limit }, '*', [channel.port2]);
    })]);
    return placed(message);
  } finally {
    frame.remove();
    channel.port1.close();
  }
}

// The place of an error in the reader's code: from the error, or from its stack.
function placed({ stack, url, ...message }) {
  const at = message.failed && url && stack ? new RegExp(`${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):(\\d+)`).exec(stack) : null;
  if (at) Object.assign(message, { line: +at[1], column: +at[2] });
  if (message.line > 1) message.line--; // what comes before the reader's code
  else message.line = undefined;
  return message;
}
