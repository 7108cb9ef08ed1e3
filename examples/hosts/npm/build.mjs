// build.mjs - makes the package:    node build.mjs edgefn.wasm DIRECTORY VERSION
// The module becomes text in wasm.js, which is both an ES module and a CommonJS one; the CommonJS files are made of the others.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const [wasm, to, version] = process.argv.slice(2);
const key = `edgefn.wasm ${version}`; // of the module: several versions may be loaded
const from = (name) => new URL(name, import.meta.url);

// Of a file whose imports and exports are whole lines at its beginning of a line.
function commonJs(text) {
  const names = [];
  const body = text
    .replace(/^import '(.*)';$/gm, "require('$1');")
    .replace(/^import (\{.*\}) from '(.*)\.mjs';$/gm, "const $1 = require('$2.cjs');")
    .replace(/^export \{ (.*) \} from '(.*)\.mjs';$/gm, (line, list, file) => {
      for (const name of list.split(', ')) names.push(`${name}: require('${file}.cjs').${name}`);
      return '';
    })
    .replace(/^export (const \{ (.*) \} =)/gm, (line, rest, list) => (names.push(...list.split(', ')), rest))
    .replace(/^export ((?:class|function) (\w+))/gm, (line, rest, name) => (names.push(name), rest));
  if (/^(import|export)\b/m.test(body)) throw new Error(`cannot make CommonJS of: ${/^(import|export)\b.*/m.exec(body)[0]}`);
  return `'use strict';\n${body}\nmodule.exports = { ${names.join(', ')} };\n`;
}

rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
for (const name of ['edgefn', 'testing', 'index']) {
  const text = readFileSync(from(`${name}.mjs`), 'utf8').replace('edgefn.wasm VERSION', key);
  writeFileSync(`${to}/${name}.mjs`, text);
  writeFileSync(`${to}/${name}.cjs`, commonJs(text));
}
for (const name of ['vitest.mjs', 'jest.cjs', 'edgefn-check.mjs', 'README.md', 'index.d.ts', 'vitest.d.mts', 'jest.d.ts'])
  copyFileSync(from(name), `${to}/${name}`);
copyFileSync(from('index.d.ts'), `${to}/index.d.mts`);
writeFileSync(`${to}/wasm.js`, `// edgefn.h, compiled to WebAssembly\nglobalThis[Symbol.for('${key}')] = '${readFileSync(wasm, 'base64')}';\n`);
const about = { ...JSON.parse(readFileSync(from('package.json'), 'utf8')), version };
writeFileSync(`${to}/package.json`, JSON.stringify(about, null, 2) + '\n');
