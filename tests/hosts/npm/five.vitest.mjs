// five.vitest.mjs - the same in Vitest, whose configuration has setupFiles: ['edgefn/vitest']
import { expect, test } from 'vitest';
import { check, sample } from 'edgefn';
import { call, found, functions, handlerOf } from './functions.mjs';

for (const one of functions)
  test(`${one.name}, ${one.type}`, async () => {
    const handler = await handlerOf(one), event = sample(one.type, one.options);
    const result = await call(handler, structuredClone(event));
    expect(found(check(event, result))).toEqual(one.finds);
    expect(() => expect(result).toBeAcceptedBy(event)).toThrow(one.finds[0][0]);
    expect(result).not.toBeAcceptedBy(event);
  });

test('a result that is accepted', () => {
  const event = sample('viewer-request');
  expect(structuredClone(event).Records[0].cf.request).toBeAcceptedBy(event);
  expect(() => expect(event.Records[0].cf.request).toBeAcceptedBy(event)).toThrow('structuredClone');
});
