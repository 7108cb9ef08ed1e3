// environment.mjs - in a Worker of run.mjs: loads one function, and calls it for one event after the other.
import { spawnSync } from 'node:child_process';
import { format } from 'node:util';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { loadFunction } from './cloudfront.mjs';

const { file, dialect, tables } = workerData;
const log = (text) => parentPort.postMessage({ log: text });
for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace']) console[level] = (...words) => log(format(...words));
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk, encoding, callback) => {
    log(String(chunk).replace(/\n$/, ''));
    if (typeof encoding === 'function') encoding();
    else callback?.();
    return true;
  };
}

// What is wrong, and under it the stack without what is not the function's.
function words(error) {
  if (!(error instanceof Error) && typeof error?.stack !== 'string') return `threw ${format(error)}`;
  const lines = String(error.stack).split('\n').filter((line) => line !== '' && !/^ +at (new Promise |.*(node:|environment\.mjs|cloudfront\.mjs))/.test(line));
  const at = lines.findIndex((line) => line.startsWith(`${error.name}: `)), ours = /\/(environment|cloudfront)\.mjs:\d+$/.test(lines[0]);
  if (at > 0) lines.unshift(...lines.splice(...(ours ? [0, at + 1] : [at, 1])).slice(-1)); // V8 has it under the line that it is about
  return lines.join('\n').replaceAll(pathToFileURL(file).href, file);
}

// A fault that is told in a sentence, without a stack.
const fault = (text) => ({ stack: text });

// Promises, and callbacks of functions that return none, as Lambda's runtime has them.
function call(handler, event, limit) {
  const end = performance.now() + limit;
  return new Promise((done, failed) => {
    const callback = (error, result) => (error === undefined || error === null ? done(result) : failed(error));
    const context = {
      functionName: 'desk', functionVersion: '1', memoryLimitInMB: '128', invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:desk:1',
      awsRequestId: crypto.randomUUID(), logGroupName: '/aws/lambda/desk', logStreamName: 'desk', callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, Math.round(end - performance.now())),
      done: callback, succeed: (result) => done(result), fail: failed,
    };
    const made = handler(event, context, callback);
    if (typeof made?.then === 'function') return made.then(done, failed);
    if (made !== undefined) log('the function returned a value, which Lambda ignores: declare it async, or call the callback');
    return setImmediate(idle, done);
  });
}

// Without a promise and a callback the result is null, as soon as nothing is left to wait for.
function idle(done) {
  if (process.getActiveResourcesInfo().every((one) => /^(MessagePort|Immediate|TTYWrap|PipeWrap)$/.test(one))) done(null);
  else setTimeout(idle, 5, done).unref();
}

// The JSON of a result.
function written(result) {
  if (result === undefined) log('it returned nothing: return the request, or a response');
  try {
    return JSON.stringify(result) ?? 'null';
  } catch (error) {
    throw fault(`its result cannot be written as JSON: ${error}`);
  }
}

const example = /\.mjs$/.test(file) ? 'export const handler = async (event) => { ... }' : 'exports.handler = async (event) => { ... }';

async function load() {
  if (dialect === 'functions') return loadFunction(readFileSync(file, 'utf8'), file, tables, { log, fault, written });
  const exported = await import(pathToFileURL(file).href);
  const handler = exported.handler ?? exported.default?.handler;
  if (typeof handler !== 'function') throw fault(`${file} exports no function "handler", which Lambda@Edge calls: ${example}`);
  return async (text, limit) => {
    const event = JSON.parse(text);
    if (!event.Records) throw fault('the event is one of CloudFront Functions, and this function is for Lambda@Edge, because it exports its handler');
    return { ok: written(await call(handler, event, limit)) };
  };
}

// Node.js does not say where in a module a mistake is, but only when it checks the file.
function place(error) {
  const lines = error instanceof SyntaxError && !String(error.stack).includes(file) ? spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' }).stderr.split('\n').slice(0, 3) : [];
  return lines.length === 3 ? `\n${lines.join('\n').replaceAll(pathToFileURL(file).href, file)}` : '';
}

const run = await load().catch((error) => {
  const wrong = words(error) + place(error);
  parentPort.postMessage({ wrong });
  return async () => { throw fault(wrong); };
});
parentPort.on('message', ({ event, limit }) => {
  run(event, limit).then((result) => parentPort.postMessage(result), (error) => parentPort.postMessage({ error: words(error) }));
});
parentPort.postMessage({ ready: true });
