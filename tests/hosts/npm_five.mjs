// npm_five.mjs - the functions with faults, for the commands:    node npm_five.mjs DIRECTORY
// writes N.event.json, N.result.json and N.want, the rules and subjects that a command is to print
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { call, functions, handlerOf } from './npm/functions.mjs';

const [to, from] = process.argv.slice(2);
const { sample } = createRequire(import.meta.url)(resolve(from, 'index.cjs'));
for (const [i, one] of functions.entries()) {
  const event = sample(one.type, one.options);
  writeFileSync(`${to}/${i}.event.json`, JSON.stringify(event));
  writeFileSync(`${to}/${i}.result.json`, JSON.stringify(await call(await handlerOf(one), event)));
  writeFileSync(`${to}/${i}.want`, one.finds.map(([rule, subject]) => `${rule}\t${subject ?? '-'}\n`).join(''));
}
