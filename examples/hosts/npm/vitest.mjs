// vitest.mjs - setupFiles: ['edgefn/vitest'] adds expect(result).toBeAcceptedBy(event)
import { expect } from 'vitest';
import { matchers } from './index.mjs';

expect.extend(matchers);
