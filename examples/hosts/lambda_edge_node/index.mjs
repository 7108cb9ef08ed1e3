// index.mjs - the Lambda@Edge function: runs handler.wasm, with look-up tables from config.json if it exists, both in the same directory.
// If this throws, at the start or for an event, CloudFront answers with a 503. No event passes unhandled.
import { existsSync, readFileSync } from 'node:fs';
import { load } from './edgefn.mjs';

const beside = (name) => new URL(name, import.meta.url);
const tables = existsSync(beside('config.json')) ? JSON.parse(readFileSync(beside('config.json'), 'utf8')) : undefined;
const edge = load(readFileSync(beside('handler.wasm')), { tables });

export const handler = async (event) => edge(event);
