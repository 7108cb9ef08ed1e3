import type { CheckOptions, EventLike } from './index.mjs';

declare module 'vitest' {
  interface Assertion<T = any> {
    /** Fails if CloudFront would refuse this result of a function for an event. */
    toBeAcceptedBy(event: EventLike, options?: CheckOptions): void;
  }
  interface AsymmetricMatchersContaining {
    toBeAcceptedBy(event: EventLike, options?: CheckOptions): any;
  }
}
export {};
