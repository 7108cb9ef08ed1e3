#!/usr/bin/env node
// edgefn-check.mjs - the command edgefn-check: what `edgefn check` of the C project prints, and its exit codes.
import { readFileSync } from 'node:fs';
import { command, version } from './index.mjs';

const help = `edgefn-check EVENT.json RESULT.json [--json] [--type TYPE]
    report what CloudFront would refuse in this result of a function: one line per finding: rule, subject,
    CloudFront's message, refused or doubtful, and byte offset, separated by tabs. On a terminal instead: line and
    column, the line with a caret, CloudFront's message, and what to do. One of the files may be '-', standard input.
    --json       all data of each finding, as JSON
    --type TYPE  of an event without eventType: viewer-request, origin-request, origin-response, viewer-response
Exit codes: 0 nothing is refused; 1 something is refused; 2 usage, or a file that cannot be read; 4 the event was
refused, or the result is not a JSON object.
`;
const reasons = { EACCES: 'Permission denied', EISDIR: 'Is a directory', ENOENT: undefined };

function main(args) {
  if (args.includes('--help') || args.includes('-h')) return { code: 0, out: help, err: '' };
  if (args.includes('--version')) return { code: 0, out: `edgefn ${version}\n`, err: '' };
  const files = {}, settings = {};
  for (const name of args) {
    if (name.startsWith('-') && name !== '-') continue;
    try {
      files[name] = readFileSync(name === '-' ? 0 : name);
    } catch (error) {
      if (error.code !== 'ENOENT') return { code: 2, out: '', err: `edgefn: ${name}: ${reasons[error.code] ?? error.message}\n` };
    }
  }
  if (process.stdout.isTTY) settings.TTY = '1';
  if (process.env.NO_COLOR !== undefined) settings.NO_COLOR = process.env.NO_COLOR;
  const { code, out, err } = command(['check', ...args], files, settings);
  return { code, out, err: err.replace("'edgefn --help'", "'edgefn-check --help'") };
}

const { code, out, err } = main(process.argv.slice(2));
process.exitCode = code;
process.stdout.on('error', (error) => {
  process.stderr.write(`edgefn: standard output: ${error.code === 'ENOSPC' ? 'No space left on device' : error.message}\n`);
  process.exitCode = 2;
});
process.stderr.write(err);
process.stdout.write(out);
