// run.mjs - runs a function in JavaScript for the desk and for `edgefn run`: a server on a Unix socket that gets events and answers with results.
//     node run.mjs FILE SOCKET        FILE: index.mjs or index.js of Lambda@Edge, or function.js of CloudFront Functions
// The variable TABLES has look-ups, "TABLE KEY VALUE" in lines; DIALECT=lambda|functions says what FILE is, otherwise its text does. TIMEOUT has seconds that
// an event may take, at most. If standard input is a pipe, the server ends with it.
//
// A connection carries one event: "LIMIT LENGTH\n" (milliseconds, bytes) and the event's JSON. The answer is "KIND LENGTH LOGS ORIGIN\n", LENGTH bytes,
// LOGS bytes, which are what the function printed, in lines, and ORIGIN bytes, the origin that a CloudFront Function has chosen (cloudfront.mjs); " ORIGIN" may
// be left out. KIND is ok (the bytes are the result's JSON), error (what was thrown) or time.
//
// As at Lambda, an environment has one event at a time: a Worker (environment.mjs), which ends if the function crashes or takes too long. Further
// events at the same time get environments of their own. So nothing that a function does delays another event.
import { chmodSync, fstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

const MOST_ENVIRONMENTS = 32, MOST_IDLE = 4, MOST_LOGS = 64 * 1024, MOST_EVENT = 16 << 20, MOST_RESULT = 6 << 20, LOADING = 10000, TIMEOUT = Number(process.env.TIMEOUT) * 1000 || Infinity;

const file = resolve(process.argv[2]), socket = process.argv[3], name = basename(file);
const say = (text) => process.stderr.write(`${name}: ${text}\n`);

// "TABLE KEY VALUE" in lines, or between semicolons
function tables() {
  const all = {};
  for (const line of (process.env.TABLES ?? '').split(/[\n;]/)) {
    const [, table, key, value] = /^\s*(\S+)\s+(\S+)\s+(.*?)\s*$/.exec(line) ?? [];
    if (table !== undefined) (all[table] ??= {})[key] = value;
  }
  return all;
}

// What a file is says what it exports: CloudFront Functions export nothing.
const dialect = () => process.env.DIALECT || (/\bexports\b|^\s*export\b/m.test(readFileSync(file, 'utf8')) ? 'lambda' : 'functions');

// A stack without Node.js's own functions
const own = (stack) => stack.split('\n').filter((line) => !/^ +at .*node:/.test(line)).join('\n').replaceAll(pathToFileURL(file).href, file);

const tooLong = (limit) => {
  const whose = dialect() === 'functions' ? ': CloudFront allows about 1 ms of processor time' : limit === TIMEOUT ? ', which TIMEOUT allows' : ", CloudFront's limit at this trigger";
  return `it took longer than ${limit} ms${whose}`;
};

// ---- environments

let generation = 0; // counts what was saved
let mistake; // why the function cannot be loaded, as far as it was said
const environments = new Set(), waiting = [];

/* job: { event, limit, done(kind, text, logs) } */
class Environment {
  constructor() {
    this.generation = generation;
    this.logs = '';
    environments.add(this);
    this.worker = new Worker(new URL('environment.mjs', import.meta.url), { workerData: { file, dialect: dialect(), tables: tables() }, stdout: true, stderr: true });
    for (const stream of [this.worker.stdout, this.worker.stderr]) stream.setEncoding('utf8').on('data', (text) => this.log(text.trimEnd()));
    this.worker.on('message', ({ ready, log, wrong, ok, origin, error }) => {
      if (ready) {
        this.ready = true;
        this.time();
      } else if (log !== undefined) this.log(log);
      else if (wrong !== undefined) this.unloaded(wrong);
      else if (ok !== undefined) this.end('ok', ok, origin);
      else this.end('error', error);
    });
    this.worker.on('error', (error) => this.stop(`the function crashed: ${own(String(error?.stack ?? error))}`));
    this.worker.on('exit', (code) => this.stop(`the function ended its process with exit code ${code}`));
  }

  log(text) {
    if (!this.job) say(text);
    else if (this.logs.length < MOST_LOGS) this.logs += `${text}\n`;
  }

  // A mistake is said once; the answer to an event has it anyway.
  unloaded(wrong) {
    renew();
    if (this.generation !== generation) return; // its file was saved again
    if (!this.job && wrong !== mistake) say(`it cannot be loaded: ${wrong}`);
    mistake = wrong;
  }

  // Loading has a time of its own.
  time() {
    clearTimeout(this.timer);
    if (!this.job) return;
    this.timer = setTimeout(() => {
      this.end('time', this.ready ? tooLong(this.job.limit) : `it was not loaded within ${LOADING} ms`);
      this.stop();
    }, this.ready ? this.job.limit : LOADING);
  }

  run(job) {
    this.job = job;
    this.time();
    this.worker.postMessage({ event: job.event, limit: job.limit });
  }

  end(kind, text, origin = '') {
    const { job, logs } = this;
    if (!job) return;
    if (Buffer.byteLength(text) > MOST_RESULT) [kind, text] = ['error', `its result has ${Buffer.byteLength(text)} bytes: Lambda allows ${MOST_RESULT}`];
    clearTimeout(this.timer);
    this.job = undefined;
    this.logs = '';
    job.done(kind, text, logs, kind === 'ok' ? origin : '');
    if (this.generation !== generation || idle().length > MOST_IDLE) this.stop();
    next();
  }

  // why: of a crash
  stop(why) {
    if (!environments.delete(this)) return;
    if (why && !this.job) say(why);
    if (why) this.end('error', why);
    this.worker.terminate();
    next();
  }
}

const idle = () => [...environments].filter((one) => !one.job && one.generation === generation);

const another = () => (environments.size < MOST_ENVIRONMENTS ? new Environment() : undefined);

// Gives the oldest waiting event to an environment. One more is made ready, so that the next event need not wait for it.
function next() {
  if (waiting.length === 0) return;
  (idle()[0] ?? another())?.run(waiting.shift());
  if (idle().length === 0) another();
}

// The newest change of a file that the function may consist of.
function changed() {
  const files = [file];
  try {
    for (const one of readdirSync(dirname(file))) if (/\.(mjs|cjs|js|json)$/.test(one)) files.push(join(dirname(file), one));
    return files.map((one) => `${one} ${statSync(one).mtimeMs} ${statSync(one).size}`).join('\n');
  } catch {
    return undefined; // an editor replaces a file just now
  }
}

let seen = changed();

// Sees whether the function was saved. Each event is for the newest version.
function renew() {
  const now = changed();
  if (now === undefined || now === seen) return;
  seen = now;
  generation++;
  mistake = undefined;
  say('saved: the next event is for the new version');
  for (const one of environments) if (!one.job) one.stop();
  new Environment(); // a mistake in it is said at once
}
setInterval(renew, 250);

// ---- the server

const server = createServer((connection) => {
  let bytes = Buffer.alloc(0), job;
  const answer = (kind, ...texts) => {
    const parts = texts.map((text) => Buffer.from(text));
    connection.end(Buffer.concat([Buffer.from(`${kind} ${parts.map(({ length }) => length).join(' ')}\n`), ...parts]));
  };
  connection.on('error', () => {}); // the host has left
  connection.on('close', () => {
    const at = waiting.indexOf(job);
    if (at !== -1) waiting.splice(at, 1);
  });
  connection.on('data', (more) => {
    if (job) return;
    bytes = Buffer.concat([bytes, more]);
    const end = bytes.indexOf(10);
    if (end === -1 && bytes.length < 100) return;
    const [, limit, length] = /^(\d{1,9}) (\d{1,9})$/.exec(bytes.toString('latin1', 0, end)) ?? [];
    if (limit === undefined || length > MOST_EVENT) return connection.destroy();
    if (bytes.length < end + 1 + Number(length)) return;
    job = { event: bytes.toString('utf8', end + 1, end + 1 + Number(length)), limit: Math.min(limit, TIMEOUT), done: answer };
    renew();
    waiting.push(job);
    next();
  });
});

rmSync(socket, { force: true });
server.on('error', (error) => { say(error.message); process.exit(1); });
server.listen(socket, () => {
  chmodSync(socket, 0o666); // the host may run as another user
  new Environment();
});
if (fstatSync(0).isFIFO()) process.stdin.on('end', () => process.exit(0)).resume();
