// testing.mjs - the check for tests: an assertion, a matcher, and a wrapper for the function itself.
import { EdgefnError } from './edgefn.mjs';

/** A function's result that CloudFront would refuse; `findings` says why. */
export class RefusedError extends EdgefnError {
  constructor(findings) {
    super(describe(findings), { code: 'EDGEFN_E_CHECK', findings });
    this.name = 'RefusedError';
  }
}

/** Returns findings as text for people. */
export function describe(findings) {
  const refused = findings.filter((f) => f.refused), lines = [];
  const doubtful = findings.length - refused.length;
  if (refused.length) lines.push(`CloudFront would answer with status ${refused[0].status} instead: ${refused.length} refused`);
  else lines.push('CloudFront would accept this result');
  if (doubtful) lines[0] += `, ${doubtful} doubtful`;
  for (const note of findings.notes ?? []) lines.push(note);
  for (const f of findings) {
    lines.push(`  ${f.refused ? 'refused' : 'doubtful'}: ${f.subject === null ? '' : `${f.subject}: `}${f.text} (${f.rule})`);
    if (f.path) lines.push(`    where: ${f.path}`);
    if (f.says) lines.push(`    CloudFront says: ${f.says}`);
    lines.push(`    what to do: ${f.advice}`);
  }
  for (const { path, was, becomes } of findings.lost ?? [])
    lines.push(`  JSON cannot hold ${was}${path ? ` (${path})` : ''}: CloudFront gets ${becomes}`);
  return lines.join('\n');
}

export function testing({ checkValue }) {
  const fails = (findings, options) => findings.some((f) => f.refused || options?.doubtful);

  /** Throws if CloudFront would refuse what a function returned for an event. */
  function assertAccepted(result, event, options) {
    const findings = checkValue(event, result, options);
    if (fails(findings, options)) throw new RefusedError(findings);
  }

  /** For expect.extend() of Vitest and Jest: expect(result).toBeAcceptedBy(event) */
  const matchers = {
    toBeAcceptedBy(result, event, options) {
      const findings = checkValue(event, result, options);
      return { pass: !fails(findings, options), message: () => describe(findings) };
    },
  };

  /** Returns a function that does the same, and checks what it returns. It throws, or logs if options.log is set. */
  function wrap(handler, options = {}) {
    const log = options.log === true ? (text) => console.error(text) : options.log;
    // Now, because handlers edit the event itself. A simulator may not say its type, or call it by another one.
    function received(event) {
      const copy = JSON.parse(typeof event === 'string' ? event : JSON.stringify(event)), { type } = options;
      const about = copy?.Records?.[0]?.cf?.config ?? copy?.context;
      if (type && about) about.eventType = type;
      return JSON.stringify(copy);
    }

    function verify(event, result) {
      let findings;
      try {
        findings = checkValue(event, result, options);
      } catch (error) {
        if (!log) throw error;
        log(error.message);
        return result;
      }
      if (fails(findings, options)) {
        if (!log) throw new RefusedError(findings);
        log(describe(findings), findings);
      } else if (log && findings.length) log(describe(findings), findings);
      return result;
    }

    // Without a callback to call, the result comes as a Promise.
    function withCallback(event, context, callback) {
      if (!options.promise && typeof callback === 'function') return run.call(this, event, context, callback);
      return new Promise((done, fail) => {
        const returned = run.call(this, event, context, (error, result) => (error ? fail(error) : done(result)));
        if (typeof returned?.then === 'function') returned.then(done, fail);
      });
    }

    function run(event, context, callback) {
      const text = received(event);
      const back = (error, result) => {
        if (error) return callback(error);
        try {
          verify(text, result);
        } catch (wrong) {
          return callback(wrong);
        }
        return callback(null, result);
      };
      const returned = handler.call(this, event, context, back);
      return typeof returned?.then === 'function' ? returned.then((result) => verify(text, result)) : returned;
    }

    function plain(event, ...rest) {
      const text = received(event), returned = handler.call(this, event, ...rest);
      return typeof returned?.then === 'function' ? returned.then((result) => verify(text, result)) : verify(text, returned);
    }
    return handler.length >= 3 ? withCallback : plain;
  }
  return { assertAccepted, matchers, wrap };
}
