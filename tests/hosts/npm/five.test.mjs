// five.test.mjs - the functions with faults, tested by node:test:    node --test five.test.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccepted, RefusedError, sample } from 'edgefn';
import { call, found, functions, handlerOf } from './functions.mjs';

for (const one of functions)
  test(`${one.name}, ${one.type}`, async () => {
    const handler = await handlerOf(one), event = sample(one.type, one.options);
    const result = await call(handler, structuredClone(event));
    assert.throws(() => assertAccepted(result, event), (error) => {
      assert(error instanceof RefusedError);
      assert.deepEqual(found(error.findings), one.finds);
      return true;
    });
  });
