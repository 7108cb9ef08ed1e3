// build.mjs - makes the playground:    node build.mjs DIRECTORY DOCS
// Started in the top directory, when build/edgefn, build/npm-wasm/edgefn.wasm, build/handlers/*.wasm and build/playground-recipes.wasm are there.
// DIRECTORY gets a page for web servers, and edgefn-playground.html, the same page with everything inside. DOCS: the address of the reference
// site, "" without one.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { pretty } from './compare.mjs';
import { FRAME } from './sandbox.mjs';

const [to, docs = ''] = process.argv.slice(2), cases = 6; // of a recipe
const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const zip = (bytes) => gzipSync(bytes, { level: 9 });
const hash = (text) => createHash('sha256').update(text).digest('base64');

// Modules as one script: their imports and exports are whole lines or words at the beginning of a line.
function joined(...names) {
  const text = names.map((name) => read(name).replace(/^\/\/.*\n/gm, '').replace(/^import .*;\n/gm, '').replace(/^export (?=const|class|function|async)/gm, '')).join('\n');
  if (/^(import|export)\b/m.test(text) || text.includes('</script')) throw new Error('cannot join these modules');
  return `'use strict';\n(() => {\n${text}})();\n`;
}

// The examples of a recipe in tests/recipes: title, event, and what the host provides.
function casesOf(name) {
  const file = `tests/recipes/${name}.txt`;
  if (!existsSync(file)) return [];
  const list = readFileSync(file, 'utf8').split('\n\n').map((text) => text.split('\n')).filter(([title, sample, run, result]) => result && !/--auth/.test(run) && title).slice(0, cases);
  const script = list.map(([, sample, run]) => `build/edgefn ${sample}; printf '\\0'; printf '%s\\1' ${run.replace(/^run/, '')}; printf '\\0'`).join('\n');
  const out = execFileSync('sh', ['-c', script], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\0');
  return list.map(([title], i) => { // shown: the tables as text
    const args = out[2 * i + 1].split('\x01').filter(Boolean), tables = {};
    const made = { title: title.slice(2), event: pretty(JSON.parse(out[2 * i])), now: '1767864000', draw: '0.5', random: '000102030405060708090a0b0c0d0e0f', tables };
    for (let k = 0; k < args.length; k++) {
      const [, option, inside] = /^--([\w-]+)(?:=([^]*))?$/.exec(args[k]), value = inside ?? args[++k];
      const [, table, key, entry] = option === 'table' ? /^([^:]*):([^=]*)=([^]*)$/.exec(value) : /^()([^=]*)=?([^]*)$/.exec(value);
      if (option === 'now') made.now = value;
      else if (option === 'random') made.draw = value;
      else if (option === 'random-bytes') made.random = value;
      else (tables[table || option] ??= {})[key] = entry;
    }
    return { ...made, shown: Object.keys(tables).length > 0 ? pretty(tables) : '' };
  });
}

const index = readFileSync('examples/README.md', 'utf8').split('## Several')[0];
const recipes = [], all = {};
let topic = '';
for (const [, heading, name, about] of index.matchAll(/^(?:\*\*(.*)\*\*|- \[`(\w+)`\]\(handlers\/\w+\.c\): (.*))$/gm)) {
  if (heading) topic = heading;
  else {
    recipes.push({ name, topic, about });
    all[name] = { source: readFileSync(`examples/handlers/${name}.c`, 'utf8'), cases: casesOf(name) };
  }
}

const main = joined('editor.mjs', 'view.mjs', 'sandbox.mjs', 'playground.mjs'), worker = joined('../npm/edgefn.mjs', 'compare.mjs', 'recipe.mjs', 'worker.mjs');
const style = read('playground.css'), frame = hash(FRAME), wasm = zip(readFileSync('build/npm-wasm/edgefn.wasm')), list = zip(JSON.stringify(recipes));
const policy = (script, css, connect) => `default-src 'none'; script-src 'wasm-unsafe-eval' 'sha256-${frame}' ${script}; style-src ${css}; worker-src 'self' blob:; connect-src ${connect}; img-src data:; base-uri 'none'; form-action 'none'`;
const page = (values) => Object.entries({ ...values, DOCS: docs, HASH: frame }).reduce((text, [name, value]) => text.replaceAll(`@${name}@`, () => value), read('index.html'));

const making = `${to}.new`; // the directory is replaced when it is complete
rmSync(making, { recursive: true, force: true });
mkdirSync(`${making}/recipes`, { recursive: true });
const write = (name, content) => writeFileSync(`${making}/${name}`, content);
write('index.html', page({ POLICY: policy("'self'", "'self'", "'self'"), STYLE: '<link rel="preload" href="edgefn.wasm.gz" as="fetch" crossorigin>\n<link rel="stylesheet" href="playground.css">', SCRIPTS: '<script src="playground.js" defer></script>' }));
write('playground.css', style);
write('playground.js', main);
write('worker.js', worker);
write('edgefn.wasm.gz', wasm);
write('recipes.json.gz', list);
for (const { name } of recipes) {
  write(`recipes/${name}.json.gz`, zip(JSON.stringify(all[name])));
  write(`recipes/${name}.wasm.gz`, zip(readFileSync(`build/handlers/${name}.wasm`)));
}
const inside = (name, bytes) => `<script type="text/plain" id="asset:${name}">${bytes.toString('base64')}</script>\n`;
write('edgefn-playground.html', page({
  POLICY: policy(`'sha256-${hash(main)}'`, `'sha256-${hash(style)}'`, "'none'"),
  STYLE: `<style>${style}</style>`,
  SCRIPTS: [inside('edgefn.wasm.gz', wasm), inside('recipes.json.gz', list), inside('recipes-all.json.gz', zip(JSON.stringify(all))), inside('recipes.wasm.gz', zip(readFileSync('build/playground-recipes.wasm'))),
    `<script type="text/plain" id="worker">${worker}</script>\n<script>${main}</script>`].join(''),
}));
rmSync(to, { recursive: true, force: true });
renameSync(making, to);
