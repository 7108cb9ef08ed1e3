// npm_browser.mjs - the package in a page of Chromium, where its module is compiled on the main thread:
//     node tests/hosts/npm_browser.mjs PACKAGE PROFILE      PROFILE: a directory that is not there
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';

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
}).listen(0, '127.0.0.1', () => {
  const options = ['--headless', '--disable-gpu', '--no-sandbox', `--user-data-dir=${profile}`, '--virtual-time-budget=5000', '--dump-dom'];
  execFile('chromium', [...options, `http://127.0.0.1:${server.address().port}/`], { timeout: 60000 }, (error, out) => {
    const [, text] = /<pre>(.*)<\/pre>/.exec(out) ?? assert.fail(`no page: ${error} ${out}`);
    const [found, nothing, buffer] = JSON.parse(text);
    assert.deepEqual(found, [['header.read-only.changed', 'headers.host', 1, found[0][3]]]);
    assert.deepEqual([nothing, buffer], [[], 'undefined']);
    process.exit(0);
  });
});
