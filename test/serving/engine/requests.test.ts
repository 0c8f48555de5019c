import { describe, expect, it } from 'vitest';
import { LONGEST_REQUEST, MOST_MEDIA, requestsOf } from '../../../src/serving/engine/requests.ts';

describe('requestsOf', () => {
  it('takes columns over, in columns of its own', () => {
    const arrival = [0, 0, 1.5];
    const requests = requestsOf(arrival, [1, 2, 3], new Int32Array([4, 5, 6]));
    arrival[0] = 9;
    expect(requests).toEqual({ arrival: Float64Array.of(0, 0, 1.5), prompt: Int32Array.of(1, 2, 3), output: Int32Array.of(4, 5, 6) });
  });

  it('takes the longest request', () => expect(requestsOf([0], [LONGEST_REQUEST - 1], [1]).prompt[0]).toBe(16_777_215));

  it.each<[string, readonly number[], readonly number[], readonly number[]]>([
    ['requests: requests 0 must be at least 1', [], [], []],
    ['requests: prompt 1 values are not one for each of 2 arrivals', [0, 1], [5], [5, 5]],
    ['requests: output 3 values are not one for each of 2 arrivals', [0, 1], [5, 5], [5, 5, 5]],
    ['requests: request 1 arrival -1 is not a number of seconds from 0 on', [-1], [5], [5]],
    ['requests: request 2 arrival NaN is not a number of seconds from 0 on', [0, Number.NaN], [5, 5], [5, 5]],
    ['requests: request 1 arrival Infinity is not a number of seconds from 0 on', [Number.POSITIVE_INFINITY], [5], [5]],
    ['requests: request 3 arrival 1 is before the one above, 2', [0, 2, 1], [5, 5, 5], [5, 5, 5]],
    ['requests: request 2 prompt 0 is not a whole number of at least 1', [0, 0], [5, 0], [5, 5]],
    ['requests: request 1 prompt 1.5 is not a whole number of at least 1', [0], [1.5], [5]],
    ['requests: request 1 output 0 is not a whole number of at least 1', [0], [5], [0]],
    ['requests: request 1 output NaN is not a whole number of at least 1', [0], [5], [Number.NaN]],
    ['requests: request 1 prompt + output 16777217 is more than 16777216 tokens', [0], [16_777_216], [1]],
  ])('refuses: %s', (message, arrival, prompt, output) => {
    expect(() => requestsOf(arrival, prompt, output)).toThrow(new RangeError(message));
  });

  it('takes media over, in a column of its own, up to the most', () => {
    const media = [0, MOST_MEDIA];
    const requests = requestsOf([0, 1], [5, 5], [5, 5], 'requests', media);
    media[0] = 9;
    expect(requests.media).toEqual(Int32Array.of(0, 65_536));
    expect('media' in requestsOf([0], [5], [5])).toBe(false);
  });

  it.each<[string, readonly number[]]>([
    ['media 1 values are not one for each of 2 arrivals', [1]],
    ['media 3 values are not one for each of 2 arrivals', [1, 1, 1]],
    ['request 1 media -1 is not a whole number from 0 to 65536', [-1, 1]],
    ['request 2 media 1.5 is not a whole number from 0 to 65536', [1, 1.5]],
    ['request 2 media NaN is not a whole number from 0 to 65536', [1, Number.NaN]],
    ['request 2 media 65537 is not a whole number from 0 to 65536', [1, MOST_MEDIA + 1]],
  ])('refuses: %s', (message, media) => {
    expect(() => requestsOf([0, 1], [5, 5], [5, 5], 'trace.csv', media)).toThrow(new RangeError(`trace.csv: ${message}`));
  });

  it('names another place', () => expect(() => requestsOf([], [], [], 'trace.csv')).toThrow(new RangeError('trace.csv: requests 0 must be at least 1')));
});
