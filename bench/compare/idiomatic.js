// idiomatic.js - the job as a Lambda@Edge handler in JavaScript is written, from the event's bytes to the result's bytes, as
// the runtime of AWS Lambda does it. Answers the commands that process.c lists.
'use strict';
const fs = require('fs');

const SECURITY = {
  'strict-transport-security': 'max-age=63072000; includeSubdomains; preload',
  'content-security-policy': "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
};

const value = (entry) => (entry === undefined ? undefined : Array.isArray(entry) ? entry[0].value : entry.value);

function sessionCookie(line) {
  for (const pair of line.split('; ')) if (pair.startsWith('session=')) return pair.slice(8);
  return undefined;
}

function job(bytes) {
  const event = JSON.parse(bytes.toString());
  const lambda = event.Records !== undefined;
  const cf = lambda ? event.Records[0].cf : event;
  const { request, response } = cf;
  const headers = (request && request.headers) || {};
  const found = [value(headers.host), value(headers['user-agent']), value(headers['accept-language'])];
  const cookie = value(headers.cookie);
  found.push(lambda ? (cookie === undefined ? undefined : sessionCookie(cookie)) : value(request.cookies.session));
  if (!response && found[1] !== undefined && found[1].includes('Mobile')) request.uri = '/m' + request.uri;
  const result = response || request;
  for (const [name, text] of Object.entries(SECURITY)) {
    const had = result.headers[name];
    if (had) (lambda ? had[0] : had).value = text;
    else result.headers[name] = lambda ? [{ key: name, value: text }] : { value: text };
  }
  return { found, bytes: Buffer.from(JSON.stringify(result)) };
}

function parse(bytes) {
  return JSON.parse(bytes.toString());
}

function sum(event) {
  const cf = event.Records ? event.Records[0].cf : event;
  const request = cf.request || {};
  const origin = request.origin || {};
  let count = 0, size = 0;
  const lists = [request.headers, (origin.custom || {}).customHeaders, (origin.s3 || {}).customHeaders, (cf.response || {}).headers];
  for (const list of lists)
    for (const entry of Object.values(list || {}))
      for (const one of Array.isArray(entry) ? entry : entry.multiValue || [entry]) {
        count++;
        size += Buffer.byteLength(one.value);
      }
  return `${count} ${size} ${Buffer.byteLength(request.uri || '')}\n`;
}

//--- commands

let pending = Buffer.alloc(0);
function more() {
  const chunk = Buffer.alloc(1 << 16);
  const n = fs.readSync(0, chunk, 0, chunk.length, null);
  if (n === 0) process.exit(0);
  pending = Buffer.concat([pending, chunk.subarray(0, n)]);
}
function take(n) {
  while (pending.length < n) more();
  const bytes = pending.subarray(0, n);
  pending = pending.subarray(n);
  return bytes;
}
function line() {
  let at;
  while ((at = pending.indexOf(10)) < 0) more();
  return take(at + 1).toString().trim();
}
function answer(bytes) {
  let at = 0;
  while (at < bytes.length) at += fs.writeSync(1, bytes, at);
}

let events = [];
let kept;
function pass(work) {
  for (const e of events) kept = work(e);
}
for (;;) {
  const [command, a, b] = line().split(' ');
  if (command === 'class') {
    events = [];
    for (let i = 0; i < Number(a); i++) events.push(Buffer.from(take(Number(line()))));
    const until = Date.now() + (process.env.BENCH_QUICK ? 30 : 200); // until compiled by the optimizing compiler
    do { pass(parse); pass(job); } while (Date.now() < until);
    answer(Buffer.from('ok\n'));
  } else if (command === 'parse') answer(Buffer.from(sum(parse(events[Number(a)]))));
  else if (command === 'job') {
    const out = job(events[Number(a)]);
    const lengths = out.found.map((s) => (s === undefined ? -1 : Buffer.byteLength(s)));
    answer(Buffer.concat([Buffer.from(`${lengths.join(' ')} ${out.bytes.length}\n`), out.bytes]));
  } else if (command === 'time') {
    const work = a === 'job' ? job : parse;
    pass(work);
    const from = process.cpuUsage();
    for (let k = 0; k < Number(b); k++) pass(work);
    const { user, system } = process.cpuUsage(from); // microseconds
    answer(Buffer.from(`${(user + system) * 1000}\n`));
  } else process.exit(1);
}
