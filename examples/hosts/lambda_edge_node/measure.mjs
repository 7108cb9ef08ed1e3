// measure.mjs - the cost per event, as WebAssembly and in plain JavaScript. Run by: make lambda-edge-measure
// Times are the best of many rounds: noise can only make them longer.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { load } from './edgefn.mjs';

// The same as examples/handlers/NAME.c, for the sample in the table below, as one would write it by hand.
function pass(event) {
  return event.Records[0].cf.request;
}

function add_security_headers(event) {
  const { headers } = event.Records[0].cf.response;
  const set = (key, value) => (headers[key.toLowerCase()] = [{ key, value }]);
  set('Strict-Transport-Security', 'max-age=63072000; includeSubdomains; preload');
  set('Content-Security-Policy', "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; frame-ancestors 'none'");
  set('X-Content-Type-Options', 'nosniff');
  set('X-Frame-Options', 'DENY');
  set('X-XSS-Protection', '1; mode=block');
  set('Referrer-Policy', 'same-origin');
  return event.Records[0].cf.response;
}

function ab_test(event) {
  const { request } = event.Records[0].cf;
  if (request.uri !== '/experiment-pixel.jpg') return request;
  let group;
  for (const { value } of request.headers.cookie ?? [])
    for (const piece of value.split(';')) {
      const [name, choice] = piece.trim().split('=');
      if (name === 'X-Experiment-Name' && group === undefined && (choice === 'A' || choice === 'B')) group = choice;
    }
  group ??= Math.random() < 0.75 ? 'A' : 'B';
  request.uri = group === 'A' ? '/experiment-group/control-pixel.jpg' : '/experiment-group/treatment-pixel.jpg';
  return request;
}

export const handlers = [
  ['pass', 'viewer-request-page.json', pass],
  ['ab_test', 'viewer-request-cookies.json', ab_test],
  ['add_security_headers', 'origin-response-ok.json', add_security_headers],
  ['pass', 'origin-request-full.json', pass],
  ['pass', 'viewer-request-upload.json', pass],
];

/** Microseconds of each work(event), measured alternately, each time with a new event, as in Lambda. */
function time(text, works) {
  const count = text.length > 10000 ? 50 : 400, best = works.map(() => Infinity);
  for (let round = 0; round < 40; round++)
    works.forEach((work, i) => {
      const events = Array.from({ length: count }, () => JSON.parse(text));
      const start = performance.now();
      for (const event of events) work(event);
      best[i] = Math.min(best[i], ((performance.now() - start) * 1000) / count);
    });
  return best;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(`Node.js ${process.version}; microseconds per event, object in, object out`);
  console.log('handler               event                        bytes       C  of it JSON  JavaScript');
  let cold;
  for (const [name, sample, plain] of handlers) {
    const text = JSON.stringify(JSON.parse(readFileSync(`examples/events/${sample}`, 'utf8')));
    const begin = performance.now(), edge = load(readFileSync(`build/handlers/${name}.wasm`)), loaded = performance.now();
    edge(JSON.parse(text));
    cold ??= `the first module of a process: ${(loaded - begin).toFixed(1)} ms to load, ${(performance.now() - loaded).toFixed(1)} ms its first event`;

    const back = name === 'pass' ? undefined : JSON.stringify(edge(JSON.parse(text)));
    const crossing = (event) => [JSON.stringify(event), back && JSON.parse(back)];
    const [c, json, js] = time(text, [edge, crossing, plain]);
    console.log(name.padEnd(22) + sample.padEnd(28) + String(text.length).padStart(6) + c.toFixed(1).padStart(8) + json.toFixed(1).padStart(12) +
      js.toFixed(2).padStart(12));
  }
  console.log(cold);
}
