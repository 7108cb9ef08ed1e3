// index.mjs - the package: everything, ready when imported.
import './wasm.js';
import { load } from './edgefn.mjs';
import { testing } from './testing.mjs';

function bytes(base64) {
  if (globalThis.Buffer?.from) return globalThis.Buffer.from(base64, 'base64');
  const text = atob(base64), into = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) into[i] = text.charCodeAt(i);
  return into;
}

const edgefn = load(bytes(globalThis[Symbol.for('edgefn.wasm VERSION')]));

export const { check, sanitize, parse, convert, sample, userAgent, rules, version, command } = edgefn;
export const { assertAccepted, matchers, wrap } = testing(edgefn);
export { load, EdgefnError } from './edgefn.mjs';
export { describe, RefusedError } from './testing.mjs';
