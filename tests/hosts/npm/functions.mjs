// functions.mjs - the functions with faults in functions/, what each is given, and what is to be found: [rule, subject].
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';

const file = (name) => new URL(`functions/${name}`, import.meta.url);

// A CloudFront Function is a script with a global function handler().
export function cloudFrontFunction(source) {
  const context = {};
  runInNewContext(source, context);
  return context.handler;
}

export const functions = [
  { name: 'basic-auth.js', type: 'viewer-request', finds: [['status.number', 'status'], ['headers.array', 'WWW-Authenticate']] },
  { name: 'security-headers.mjs', type: 'viewer-response', finds: [['headers.entry', 'server'], ['header.read-only.deleted', 'content-length'],
    ['header.read-only.deleted', 'via'], ['body.viewer-response', 'body']] },
  { name: 'route-by-country.mjs', type: 'origin-request', finds: [['origin.domain', 'domainName'], ['origin.host', 'domainName'], ['member.type', 'port']] },
  { name: 'error-page.mjs', type: 'origin-response', options: { status: 503 }, finds: [['header.read-only.added', 'transfer-encoding'], ['header.disallowed', 'x-cache']] },
  { name: 'error-page.mjs', type: 'origin-response', finds: [['result.whole-event', null]] },
  { name: 'redirect-slash.js', type: 'functions-viewer-request', finds: [['functions.header.case', 'location'], ['headers.item', 'cache-control'],
    ['functions.header.cookie', 'set-cookie']] },
];

/** The handler of one of them. */
export async function handlerOf({ name, type }) {
  if (type.startsWith('functions-')) return cloudFrontFunction(readFileSync(file(name), 'utf8'));
  const module = await import(file(name));
  return module.handler ?? module.default.handler;
}

/** Calls a handler as Lambda does, whether it has a callback or returns a Promise. */
export const call = (handler, event) => new Promise((done, fail) => {
  const returned = handler(event, {}, (error, result) => (error ? fail(error) : done(result)));
  if (handler.length < 3) Promise.resolve(returned).then(done, fail);
});

export const found = (findings) => findings.map(({ rule, subject }) => [rule, subject]);
