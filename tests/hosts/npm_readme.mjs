// npm_readme.mjs - writes the files that README.md shows: blocks of JavaScript whose first line is "// NAME".
//     node npm_readme.mjs README.md DIRECTORY
import { readFileSync, writeFileSync } from 'node:fs';

const [readme, to] = process.argv.slice(2);
for (const [, name, code] of readFileSync(readme, 'utf8').matchAll(/^```js\n\/\/ (\S+)\n([^]*?)^```$/gm)) {
  writeFileSync(`${to}/${name}`, code);
  console.log(name);
}
