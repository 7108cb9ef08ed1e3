// desk.mjs - `make cloudfront` in Chromium, as somebody who is new to it uses it; tests/test_desk.sh starts this in the top directory:
//     node tests/hosts/desk.mjs DIRECTORY [RECIPE...]      DIRECTORY: for what is written; PICTURES=directory: takes pictures
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { chromium, sleep } from './chromium.mjs';
import { printCounts, test } from './count.mjs';

const [directory, ...names] = process.argv.slice(2), pictures = process.env.PICTURES;

// A port that nobody listens on, and that the system gives to no outgoing connection.
const freePort = () => new Promise((done) => {
  const port = 20000 + Math.floor(Math.random() * 12000), server = createServer();
  server.once('error', () => done(freePort())).listen(port, '127.0.0.1', () => server.close(() => done(port)));
});

// Starts the desk, and runs body with it.
async function desk(name, settings, body) {
  const port = await freePort(), https = await freePort(), dir = resolve(directory, settings.DIR ?? name);
  const env = { ...process.env, HANDLER: `build/handlers/${name}.so`, PORT: port, HTTPS_PORT: https, DIR: dir, CERTIFICATE: resolve(directory, 'certificate'), ...settings.env };
  const run = spawn('sh', ['examples/hosts/nginx/cloudfront.sh'], { env, stdio: ['ignore', 'pipe', 'pipe'] }), ended = new Promise((done) => run.once('exit', done));
  let said = '';
  for (const stream of [run.stdout, run.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const one = { port, https, dir, name, http: `http://127.0.0.1:${port}`, said: () => said };
  try {
    for (let i = 0; ; i++) {
      if (await fetch(`${one.http}/__edge/`).then(({ ok }) => ok, () => false)) break;
      if (i === 1200 || run.exitCode !== null) throw new Error(`it does not start: ${said}`);
      await sleep(25);
    }
    await body(one);
  } finally {
    run.kill('SIGTERM');
    await ended;
  }
}

const page_is_shown = async (page, error, where) => {
  assert.equal(error, undefined, where);
  assert.match(await page.evaluate('document.URL'), /^https?:/, `${where}: an error page of the browser`);
};

// Functions answer with errors of HTTP, which the browser logs.
const faults = (page) => page.errors.filter((text) => !text.startsWith('Failed to load resource'));

// Takes a picture.
async function look(page, name) {
  if (!pictures) return;
  await page.look({ height: 1100 });
  await sleep(150);
  writeFileSync(join(pictures, `${name}.png`), await page.picture());
}

// A recipe as a newcomer meets it: the start page, then everything that can be tried.
async function recipe(browser, name) {
  await desk(name, {}, async ({ http, said }) => {
    const page = await browser.page();
    await test(`${name}: the start page`, async () => {
      await page_is_shown(page, await page.open(`${http}/`), '/');
      if (await page.evaluate('document.querySelector("#follow") !== null')) await page_is_shown(page, await page.loads(() => page.evaluate('document.querySelector("#follow").click()')), 'the redirect');
      const text = await page.evaluate('document.body.innerText');
      assert.ok(text.includes(name) || /^(403|503|We are back)/m.test(text) || text.length > 0, text.slice(0, 200));
      if (!/allow_networks|maintenance$/.test(name)) assert.ok(text.includes(name), text.slice(0, 300));
    });
    await page.open(`${http}/__edge/`);
    const about = await page.evaluate('window.edge');
    assert.ok(about.tries.length > 0, name);
    for (const [i, attempt] of about.tries.entries()) {
      await test(`${name}: ${attempt.method} ${attempt.target} ${attempt.about}`, async () => {
        await page.evaluate(`{ const old = document.querySelector('.detail .answer'); if (old) old.className = ''; document.querySelector('[data-try="${i}"]').click(); }`);
        await page.until('an answer', 'document.querySelector(".detail .answer") !== null && document.querySelector(".detail .top") !== null');
        const text = await page.evaluate('document.querySelector(".detail").textContent');
        assert.ok(text.toLowerCase().includes(attempt.shows.toLowerCase()), `"${attempt.shows}" is not visible in ${text.replace(/(Event before|Result after)[^]*?\n}\n/g, '').slice(0, 3000)}`);
        assert.ok(!/fail(ed)?: |refused: /.test(text), text.slice(0, 2000));
      });
      const plain = attempt.method === 'GET' && attempt.body === '' && Object.keys(attempt.headers).length === 0 && attempt.scheme === 'http';
      if (plain && process.env.DEEP === '1') {
        await test(`${name}: ${attempt.target} opened`, async () => {
          const other = await browser.page();
          const error = await other.open(http + attempt.target);
          // Chromium has a page of its own for an error without a body, which is what the function answered
          if (error === 'net::ERR_HTTP_RESPONSE_CODE_FAILURE') assert.equal(await (await fetch(http + attempt.target)).text(), '');
          // in place of a window that asks for name and password
          else if (error === 'net::ERR_INVALID_AUTH_CREDENTIALS') assert.equal((await fetch(http + attempt.target)).status, 401);
          else await page_is_shown(other, error, attempt.target);
          await other.close();
        });
      }
    }
    assert.deepEqual(faults(page), []);
    await look(page, name);
    await page.close();
    if (process.env.VERBOSE) console.log(said());
  });
}

// /__edge: requests appear while it is open; the filter; copies
async function watching(browser) {
  await desk('cache_key', { DIR: 'watching' }, async ({ http }) => {
    const page = await browser.page(), rows = 'document.querySelectorAll(".requests li").length';
    await page.open(`${http}/__edge/`);
    await test('no requests yet', async () => assert.match(await page.evaluate('document.querySelector("#none").innerText'), /No requests yet/));
    await test('a request appears', async () => {
      await (await fetch(`${http}/guides/?b=2&utm_source=mail&a=1`, { headers: { Cookie: 'a=1', 'X-Quote': "it's" } })).text();
      await page.until('a request', `${rows} === 1`);
      await page.until('its details', 'document.querySelector(".detail .top") !== null');
      assert.match(await page.evaluate('document.querySelector(".detail").innerText'), /- query utm_source: mail/);
    });
    const copied = async (label) => {
      await page.evaluate(`navigator.clipboard.writeText = async (text) => { window.copied = text; }; [...document.querySelectorAll('button')].find((b) => b.textContent === '${label}').click()`);
      return page.evaluate('window.copied');
    };
    await test('copy as an event file', async () => {
      const event = await copied('Copy as an event file'), { status, stdout, stderr } = spawnSync('build/edgefn', ['show', '-'], { input: event, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.match(stdout, /utm_source/);
    });
    await test('copy as curl', async () => {
      const text = await copied('Copy as curl'), { stdout, stderr } = spawnSync('sh', ['-c', text], { encoding: 'utf8' });
      assert.match(stdout, /^HTTP\/1.1 200/, `${text}\n${stderr}`);
      assert.match(text, /'X-Quote: it'\\''s'/i);
      assert.match(text, /a=\*\*\*/);
      await page.until('a request', `${rows} === 2`);
    });
    await test('the filter', async () => {
      await (await fetch(`${http}/other`)).text();
      await page.until('a request', `${rows} === 3`);
      await page.evaluate('document.querySelector("#filter").value = "utm_source"; document.querySelector("#filter").oninput()');
      assert.equal(await page.evaluate(rows), 2);
      await page.evaluate('document.querySelector("#filter").value = ""; document.querySelector("#filter").oninput()');
    });
    await test('at most 200 requests', async () => {
      for (let i = 0; i < 210; i++) await (await fetch(`${http}/many/${i}`)).text();
      await page.until('a request', `${rows} === 200 && document.querySelector(".requests").innerText.includes("/many/209")`);
    });
    await test('a page that is opened later has them, too', async () => {
      const later = await browser.page();
      await later.open(`${http}/__edge/`);
      await later.until('the requests', `${rows} === 200`);
      assert.deepEqual(faults(later), []);
      await later.close();
    });
    assert.deepEqual(faults(page), []);
    await page.close();
  });
}

// The start page of `make cloudfront CONFIG=edge.json`.
async function distribution(browser) {
  const config = resolve(directory, 'edge.json'), behavior = { TargetOriginId: 'site', ViewerProtocolPolicy: 'allow-all', CachePolicyId: 'CachingOptimized' };
  writeFileSync(config, JSON.stringify({
    Origins: [{ Id: 'site', DomainName: 'www.example.com', Address: 'desk' }],
    CacheBehaviors: [{ ...behavior, PathPattern: '*.js', FunctionAssociations: [{ EventType: 'viewer-response', FunctionARN: 'security_headers' }] }],
    DefaultCacheBehavior: { ...behavior, ViewerProtocolPolicy: 'redirect-to-https', LambdaFunctionAssociations: [{ EventType: 'viewer-request', LambdaFunctionARN: 'cache_key' }] },
  }));
  await desk('settings', { env: { HANDLER: '', CONFIG: config } }, async ({ http, https }) => {
    const page = await browser.page();
    await test('the start page shows the cache behaviors', async () => {
      await page_is_shown(page, await page.open(`https://127.0.0.1:${https}/`), '/');
      const text = await page.evaluate('document.querySelector(".behaviors").innerText');
      for (const word of ['*.js', 'www.example.com', 'viewer-response: security_headers (CloudFront Functions)', 'viewer-request: cache_key', 'CachingOptimized']) assert.ok(text.includes(word), `${word}: ${text}`);
      assert.match(await page.evaluate('document.body.innerText'), /It works/);
      assert.deepEqual(faults(page), []);
    });
    const tries = () => page.evaluate('[...document.querySelectorAll("#tries a")].filter((a) => a.checkVisibility()).map((a) => [a.getAttribute("href"), a.parentNode.innerText])');
    await test('the start page has something to try for each path pattern', async () => {
      assert.deepEqual(await tries(), [[`${http}/example.js`, 'GET /example.js viewer-response: security_headers'], [`https://127.0.0.1:${https}/`, 'GET / viewer-request: cache_key']]);
      await look(page, 'settings');
    });
    await test('what can be tried is shown', async () => {
      const other = await browser.page();
      for (const [href] of await tries()) await page_is_shown(other, await other.open(href), href);
      await other.close();
    });
    await test('/__edge: it can be sent', async () => {
      await page.open(`${http}/__edge/`);
      await page.until('the first', 'document.querySelector("[data-try=\'0\']") !== null');
      await page.evaluate('document.querySelector("[data-try=\'0\']").click()');
      await page.until('an answer', 'document.querySelector(".detail .answer") !== null');
      assert.match(await page.evaluate('document.querySelector(".detail").textContent'), /strict-transport-security/);
      assert.deepEqual(faults(page), []);
      await look(page, 'settings-edge');
    });
    await page.close();
  });
}

const browser = await chromium(resolve(directory, 'profile'));
try {
  const waiting = [...names];
  const some = async () => { while (waiting.length > 0) await ((name) => test(name, () => recipe(browser, name)))(waiting.shift()); };
  await Promise.all([test('/__edge', () => watching(browser)), test('settings', () => distribution(browser)), some(), some()]); // they mostly wait
} finally { await browser.close(); }
printCounts();
