// browser.mjs - the search of the reference site in Chromium, from a disk, and an audit of its kinds of pages:
//     node tests/site/browser.mjs SITE PROFILE [AXE]
// PROFILE: a directory that is not there. AXE: the file axe.min.js of axe-core.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from '../hosts/chromium.mjs';

const [site, profile, axe] = process.argv.slice(2).map((name) => resolve(name));
const browser = await chromium(profile), page = await browser.page();
const hits = () => document.querySelectorAll('a.hit').length > 0 && [...document.querySelectorAll('a.hit')].map((a) => a.getAttribute('href'));
try {
  await page.open(`${pathToFileURL(site)}/search.html?q=edgefn_get`);
  assert((await page.until('a hit', hits)).includes('api-fields.html#edgefn_get'));
  await page.open(`${pathToFileURL(site)}/index.html`);
  await page.evaluate(() => document.querySelector('#q').focus());
  await page.type('cache_key');
  assert((await page.until('a hit while typing', hits)).includes('recipe-cache_key.html'));
  assert.deepEqual(page.errors, []);
  const audited = ['index', 'manual', 'functions', 'api-fields', 'types', 'errors', 'rules', 'cookbook', 'recipe-ab_test', 'hosts', 'host-npm', 'benchmark', 'search'];
  for (const look of axe ? [{}, { dark: true, width: 390, height: 844 }] : [])
    for (const name of audited) {
      await page.look(look);
      await page.open(`${pathToFileURL(site)}/${name}.html`);
      await page.call('Runtime.evaluate', { expression: `${readFileSync(axe, 'utf8')};undefined` });
      const { violations, wide } = await page.evaluate(async () => {
        document.querySelectorAll('details').forEach((d) => (d.open = true));
        const found = await globalThis.axe.run(document, { resultTypes: ['violations'] });
        return { violations: found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`), wide: document.documentElement.scrollWidth > innerWidth };
      });
      assert.deepEqual(violations, [], `${name} ${JSON.stringify(look)}`);
      assert(!wide, `${name} is wider than the window`);
    }
} finally {
  await browser.close();
}
