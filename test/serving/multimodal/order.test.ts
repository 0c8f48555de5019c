import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { ORDERS, orderKey } from '../../../src/serving/multimodal/order.ts';
import { whole } from '../disaggregation/support.ts';

const options = { ttft: 10, seconds: (prompt: number, media: number): number => 0.25 * prompt + 2 * media };

describe('orderKey', () => {
  it('needs no key for first come first served', () => expect(orderKey('fcfs', options)).toBeUndefined());

  it.each([
    ['sjf', 7],
    ['least-slack', 6],
  ] as const)('%s: %d of a request that comes at 3 s, of 4 tokens and 3 media', (order, key) => expect(orderKey(order, options)?.(3, 4, 3)).toBe(key));

  const request = fc.tuple(whole(0, 50), whole(1, 100), whole(0, 9));
  test.prop([request, request])('takes the shorter job first, or the one that has to begin first', (a, b) => {
    const [sjf, slack] = [orderKey('sjf', options), orderKey('least-slack', options)];
    const seconds = ([, prompt, media]: typeof a): number => options.seconds(prompt, media);
    expect((sjf?.(...a) as number) < (sjf?.(...b) as number)).toBe(seconds(a) < seconds(b));
    expect((slack?.(...a) as number) < (slack?.(...b) as number)).toBe(a[0] - seconds(a) < b[0] - seconds(b));
  });

  test.prop([fc.array(fc.tuple(whole(0, 50), whole(1, 100), whole(0, 9)), { minLength: 2 }), whole(1, 100)])('by least slack stays as it is where the objective is another', (requests, ttft) => {
    const sorted = (of: number) =>
      requests.toSorted((a, b) => (orderKey('least-slack', { ...options, ttft: of })?.(...a) as number) - (orderKey('least-slack', { ...options, ttft: of })?.(...b) as number));
    expect(sorted(ttft)).toEqual(sorted(options.ttft));
  });

  it('knows every order', () => expect(ORDERS.map((order) => typeof orderKey(order, options))).toEqual(['undefined', 'function', 'function']));
});
