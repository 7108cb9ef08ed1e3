import type { CheckOptions, EventLike } from './index';

declare global {
  namespace jest {
    interface Matchers<R> {
      /** Fails if CloudFront would refuse this result of a function for an event. */
      toBeAcceptedBy(event: EventLike, options?: CheckOptions): R;
    }
  }
}
export {};
