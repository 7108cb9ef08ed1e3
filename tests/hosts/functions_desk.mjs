// functions_desk.mjs - shared by functions.mjs and functions_load.mjs: starts the desk with functions in JavaScript and Python.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join, resolve } from 'node:path';
import { test } from './count.mjs';

export const DEEP = process.env.DEEP === '1', directory = resolve(process.argv[2]), functions = join(directory, 'functions');
export const TYPES = ['viewer-request', 'origin-request', 'origin-response', 'viewer-response'];
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export async function until(what, condition, ms = 10000) {
  for (const end = Date.now() + ms; ; await sleep(20)) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
  }
}

export const freePort = () => new Promise((done) => {
  const port = 20000 + Math.floor(Math.random() * 12000), server = net.createServer();
  server.once('error', () => done(freePort())).listen(port, '127.0.0.1', () => server.close(() => done(port)));
});

// [process id, its words with a NUL after each]
export function processes() {
  const words = (pid) => { try { return readFileSync(`/proc/${pid}/cmdline`, 'utf8'); } catch { return ''; } };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => [pid, words(pid)]);
}

// ---- the desk

// Starts the desk with the function settings.FILE, or with settings.CONFIG, and runs body with it. origin: a server of HTTP.
export async function desk(origin, name, settings, body) {
  const [port, https] = [await freePort(), await freePort()], dir = join(directory, name), file = settings.FILE && join(dir, 'of', settings.FILE);
  mkdirSync(join(dir, 'of'), { recursive: true });
  if (file) copyFileSync(join(functions, settings.FILE), file);
  const env = { ...process.env, HANDLER: file ?? '', PORT: port, HTTPS_PORT: https, DIR: join(dir, 'desk'), CERTIFICATE: join(directory, 'certificate'), ORIGIN: settings.CONFIG ? '' : `127.0.0.1:${origin.address().port}`, ...settings };
  const run = spawn('sh', ['examples/hosts/nginx/cloudfront.sh'], { env, stdio: ['ignore', 'pipe', 'pipe'] }), ended = new Promise((done) => run.once('exit', done));
  let said = '';
  for (const stream of [run.stdout, run.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const one = { port, https, file, dir: join(dir, 'desk'), said: () => said, get: (path, options) => get(port, path, options) };
  try {
    await until('it starts', async () => {
      if (run.exitCode !== null) throw new Error(`it does not start: ${said}`);
      return get(port, '/__edge/').then(() => true, () => false);
    }, 30000);
    await body(one);
  } finally {
    run.kill('SIGTERM');
    await ended;
  }
  await test(`${name}: no process is left`, () => until('the end', () => processes().every(([, command]) => !command.includes(`${dir}/`))));
  const log = readFileSync(join(dir, 'desk', 'error.log'), 'utf8'), trace = readFileSync(join(dir, 'desk', 'trace'), 'utf8');
  await test(`${name}: the terminal and /__edge have no words of C`, () => {
    assert.doesNotMatch(said, wordsOfC);
    assert.doesNotMatch(trace, wordsOfC);
  });
  await test(`${name}: nginx is well`, () => {
    assert.doesNotMatch(log, /\[alert\]|\[emerg\]|AddressSanitizer|runtime error|exited on signal/);
    assert.doesNotMatch(said, /AddressSanitizer|runtime error/);
  });
}

// What authors of functions in other languages need not know: C's errors, functions and files
export const wordsOfC = /EDGEFN_|edgefn_|edgehost|\bhandler returned false/;

// One request: { status, headers, body, ms }.
export function get(port, path, { method = 'GET', headers = {}, body, slow = 0 } = {}) {
  return new Promise((done, failed) => {
    const begin = performance.now();
    const request = http.request({ port, host: '127.0.0.1', path, method, headers, agent: false }, (response) => {
      const chunks = [];
      if (slow) { response.pause(); setTimeout(() => response.resume(), slow); }
      response.on('data', (chunk) => chunks.push(chunk)).on('error', failed);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode >= 500 && wordsOfC.test(text)) failed(new Error(`${path}: words of C: ${text}`));
        done({ status: response.statusCode, headers: response.headers, body: text, ms: performance.now() - begin });
      });
    });
    request.on('error', failed).setTimeout(DEEP ? 60000 : 20000, () => request.destroy(new Error(`${path}: time`)));
    request.end(body);
  });
}
