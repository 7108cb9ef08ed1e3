// npm_browser.mjs - the package in a page of Chromium, where its module is compiled on the main thread:
//     node tests/hosts/npm_browser.mjs PACKAGE PROFILE      PROFILE: a directory that is not there
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { chromium } from './chromium.mjs';

const [from, profile] = process.argv.slice(2).map((name) => resolve(name));
const page = `<!doctype html><pre></pre><script type="module">
import { check, sample } from '/index.mjs';
const event = sample('viewer-request'), result = structuredClone(event.Records[0].cf.request);
result.headers.host[0].value = 'other.example';
const found = check(event, result).map(({ rule, path, line, column }) => [rule, path, line, column]);
document.querySelector('pre').textContent = JSON.stringify([found, check(event, event.Records[0].cf.request), typeof Buffer]);
</script>`;
const server = createServer(({ url }, response) => {
  if (url !== '/' && !existsSync(join(from, url))) return response.writeHead(404).end(); // a browser asks for an icon
  response.setHeader('Content-Type', url === '/' ? 'text/html; charset=utf-8' : 'text/javascript');
  response.end(url === '/' ? page : readFileSync(join(from, url)));
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const browser = await chromium(profile), tab = await browser.page();
try {
  await tab.open(`http://127.0.0.1:${server.address().port}/`);
  const [found, nothing, buffer] = JSON.parse(await tab.until('the findings', "document.querySelector('pre').textContent"));
  assert.deepEqual(found, [['header.read-only.changed', 'headers.host', 1, found[0][3]]]);
  assert.deepEqual([nothing, buffer], [[], 'undefined']);
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
