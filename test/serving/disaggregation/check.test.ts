import { describe, expect, it } from 'vitest';
import { checkCluster } from '../../../src/serving/disaggregation/check.ts';
import type { Cluster, EncodePool, Switching } from '../../../src/serving/disaggregation/cluster.ts';
import { simulate } from '../../../src/serving/disaggregation/simulate.ts';
import { colocated, disaggregated, MEMORY, requestsFrom } from './support.ts';

const REQUESTS = requestsFrom([
  [0, 10, 5],
  [1, 30, 20],
]);
const batch = (maxTokens: number, maxPrompts = 5) => ({ batching: { maxPrompts, maxTokens, padded: null } });
const padded = (maxTokens: number) => ({ batching: { maxPrompts: 5, maxTokens: 100, padded: { maxTokens, maxPadding: 10 } } });
const memory = (changes: Partial<typeof MEMORY>) => ({ memory: { ...MEMORY, ...changes } });
const link = (bytesPerToken: number, bytesPerSecond: number) => disaggregated({}, {}, {}, { bytesPerToken, bytesPerSecond });
const SWITCHING: Switching = { everySeconds: 5, seconds: () => 1 };
const ENCODE: EncodePool = { instances: 1, maxJobs: 1, share: 'media', seconds: () => 1, transferSeconds: 0 };
const encoding = (encode: Partial<EncodePool>, switching?: Partial<Switching>): Cluster =>
  ({
    ...disaggregated(),
    encode: { ...ENCODE, ...encode },
    ...(switching === undefined ? {} : { switching: { ...SWITCHING, ...switching } }),
  }) as Cluster;

describe('checkCluster', () => {
  it('takes what can run, to the last token', () => {
    const tight = { ...batch(30), decodeTokens: 50 };
    for (const cluster of [disaggregated({ kvTokens: 30 }, { kvTokens: 50 }, { ...tight, memory: MEMORY }), colocated({ kvTokens: 50 }, { ...tight, ...batch(50), memory: MEMORY })]) {
      expect(() => checkCluster(cluster, REQUESTS)).not.toThrow();
      expect(simulate(REQUESTS, cluster).finish.every(Number.isFinite)).toBe(true);
    }
  });

  it('does not look at the cache where memory is not limited', () => {
    for (const cluster of [disaggregated({ kvTokens: 0 }, { kvTokens: Number.NaN }), colocated({ kvTokens: 1 })]) expect(() => checkCluster(cluster, REQUESTS)).not.toThrow();
  });

  it.each<[string, Cluster]>([
    ['prefill instances 0 is not a whole number of at least 1', disaggregated({ instances: 0 })],
    ['decode instances 1.5 is not a whole number of at least 1', disaggregated({}, { instances: 1.5 })],
    ['colocated instances NaN is not a whole number of at least 1', colocated({ instances: Number.NaN })],
    ['prefill stages 0 is not a whole number of at least 1', disaggregated({ stages: 0 })],
    ['decode stages -1 is not a whole number of at least 1', disaggregated({}, { stages: -1 })],
    ['colocated stages 0.5 is not a whole number of at least 1', colocated({ stages: 0.5 })],
    ['batching maxPrompts 0 is not at least 1', colocated({}, batch(100, 0))],
    ['batching maxTokens NaN is not at least 1', colocated({}, batch(Number.NaN))],
    ['decodeTokens NaN is not at least 1', colocated({}, { decodeTokens: Number.NaN })],
    ['memory waitingShare 0 is not above 0 and at most 1', disaggregated({}, {}, memory({ waitingShare: 0 }))],
    ['memory waitingShare 1.5 is not above 0 and at most 1', disaggregated({}, {}, memory({ waitingShare: 1.5 }))],
    ['memory reserve -0.1 is not from 0 to below 1', colocated({}, memory({ reserve: -0.1 }))],
    ['memory reserve 1 is not from 0 to below 1', colocated({}, memory({ reserve: 1 }))],
    ['memory maxRequests 0 is not at least 1', colocated({}, memory({ maxRequests: 0 }))],
    ['prefill kvTokens NaN is not at least 1', disaggregated({ kvTokens: Number.NaN }, {}, memory({}))],
    ['decode kvTokens 0 is not at least 1', disaggregated({}, { kvTokens: 0 }, memory({}))],
    ['link -1 B/token is not a number from 0 on', link(-1, 1)],
    ['link Infinity B/token is not a number from 0 on', link(Number.POSITIVE_INFINITY, 1)],
    ['link 0 B/s is not above 0', link(1, 0)],
    ['link NaN B/s is not above 0', link(1, Number.NaN)],
    ['encode instances 0 is not a whole number of at least 1', encoding({ instances: 0 })],
    ['encode instances 1.5 is not a whole number of at least 1', encoding({ instances: 1.5 })],
    ['encode maxJobs 0 is not a whole number of at least 1', encoding({ maxJobs: 0 })],
    ['encode maxJobs NaN is not a whole number of at least 1', encoding({ maxJobs: Number.NaN })],
    ['encode transferSeconds -1 is not a number of seconds from 0 on', encoding({ transferSeconds: -1 })],
    ['encode transferSeconds Infinity is not a number of seconds from 0 on', encoding({ transferSeconds: Number.POSITIVE_INFINITY })],
    ['encode transferSeconds NaN is not a number of seconds from 0 on', encoding({ transferSeconds: Number.NaN })],
    ['switching everySeconds 0 is not above 0', encoding({}, { everySeconds: 0 })],
    ['switching everySeconds NaN is not above 0', encoding({}, { everySeconds: Number.NaN })],
    ['switching everySeconds Infinity is not above 0', encoding({}, { everySeconds: Number.POSITIVE_INFINITY })],
    ['switching everySeconds 5 is given without encode instances', { ...disaggregated(), switching: SWITCHING } as Cluster],
    ['switching least encode 0 is not a whole number of at least 1', encoding({}, { least: { encode: 0 } })],
    ['switching least decode 1.5 is not a whole number of at least 1', encoding({}, { least: { prefill: 1, decode: 1.5 } })],
    ['request 2 prompt 30 is more than the 29 tokens of a prefill batch', disaggregated({}, {}, batch(29))],
    ['request 2 prompt + output 50 is more than the 49 tokens of a prefill batch', colocated({}, { ...batch(49), memory: MEMORY })],
    ['request 2 prompt + output 50 is more than the 49 tokens of a prefill batch', colocated({}, { ...padded(49), memory: MEMORY })],
    ['request 1 prompt + output 15 is more than the 14 tokens of a decode batch', disaggregated({}, {}, { decodeTokens: 14 })],
    ['request 2 prompt 30 is more than the 29 tokens that an instance holds', disaggregated({ kvTokens: 29 }, {}, { memory: MEMORY })],
    ['request 2 prompt + output 50 is more than the 49 tokens that an instance holds', disaggregated({ kvTokens: 30 }, { kvTokens: 49 }, { memory: MEMORY })],
    ['request 2 prompt + output 50 is more than the 49 tokens that an instance holds', colocated({ kvTokens: 49 }, { memory: MEMORY })],
  ])('refuses: %s', (message, cluster) => {
    for (const check of [() => checkCluster(cluster, REQUESTS), () => simulate(REQUESTS, cluster)]) expect(check).toThrow(new RangeError(`disaggregation: ${message}`));
  });
});

describe('simulate', () => {
  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a stage that takes %d s', (seconds) => {
    const times = { prefill: () => seconds, decode: () => 1 };
    const steps = { prefill: () => 1, decode: () => seconds };
    const refusal = new RangeError(`disaggregation: stage time ${seconds} is not a number of seconds from 0 on`);
    expect(() => simulate(REQUESTS, colocated({ times }))).toThrow(refusal);
    expect(() => simulate(REQUESTS, disaggregated({}, { times: steps }))).toThrow(refusal);
    expect(() => simulate({ ...REQUESTS, media: Int32Array.of(0, 1) }, encoding({ seconds: () => seconds }))).toThrow(refusal);
    // without media nothing is encoded
    expect(() => simulate(REQUESTS, encoding({ seconds: () => seconds }))).not.toThrow();
  });
});
