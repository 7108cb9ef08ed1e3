// types.ts - compiled by tsc --strict, and not run: the package's types, as a user of it writes them.
import { assertAccepted, check, convert, describe, EdgefnError, load, matchers, parse, RefusedError, rules, sample, sanitize, userAgent, version, wrap } from 'edgefn';
import type { Finding, Findings, Rule, SampleOptions } from 'edgefn';
import edgefn = require('edgefn');
import 'edgefn/jest';

const options: SampleOptions = { uri: '/a', headers: { 'X-A': '1' }, cookies: [['a', '1'], ['a', 2]], body: new Uint8Array(2) };
const event = sample('viewer-request', options);
const findings: Findings = check(event, event.Records[0].cf.request, { type: 'viewer-request' });
const first: Finding | undefined = findings[0];
const place: [number, number, number] | undefined = first && [first.offset, first.line, first.column];
const says: string | null | undefined = first?.says;
const lost: string = findings.lost.map(({ path, was, becomes }) => `${path}: ${was}, ${becomes}`).join();
const { result, undone } = sanitize(event, { status: '200', n: 1 });
const n: number = result.n + undone.length;
const parsed = parse('{}');
if (parsed.error) {
  const line: number | undefined = parsed.error.line;
  void line;
} else {
  const type: 'viewer-request' | 'origin-request' | 'origin-response' | 'viewer-response' = parsed.type;
  void type;
}
const text: string = convert('{}', 'functions', { note: (line) => line.length });
const bot: string | null = userAgent('curl/8').botName;
const texts: string[] = rules.map((rule: Rule) => rule.text);
const handler = wrap(async (e: { Records: unknown[] }, context: object) => e.Records.length, { log: (line) => line.trim() });
const answer: Promise<number> = handler({ Records: [] }, {});
const pass: boolean = matchers.toBeAcceptedBy({}, event).pass;
try {
  assertAccepted({}, event, { doubtful: true });
} catch (error) {
  if (error instanceof RefusedError) describe(error.findings);
  else if (error instanceof EdgefnError) error.code.toLowerCase();
}
const same: number = load(new Uint8Array(1)).check({}, {}).length + edgefn.check({}, {}).length + version.length;
void [place, says, lost, n, text, bot, texts, answer, pass, same];

// @ts-expect-error: no such type of event
sample('viewer');
// @ts-expect-error: no such option
sample('viewer-request', { path: '/' });
// @ts-expect-error: findings are not changed
findings[0].rule = 'x';
// @ts-expect-error: an event is not a number
check(1, {});
// @ts-expect-error: no such dialect
convert({}, 'other');
