// browser.mjs - the search of the reference site in Chromium, from a disk:    node tests/site/browser.mjs SITE PROFILE
// PROFILE: a directory that is not there
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from '../hosts/chromium.mjs';

const [site, profile] = process.argv.slice(2).map((name) => resolve(name));
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
} finally {
  await browser.close();
}
