import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exchangeBytes, exchangeTraffic, lowLatencyExchange, normalExchange, wireTime } from '../../../src/timing/kernels/expert-exchange.ts';
import type { ExpertExchangeKernel } from '../../../src/timing/kernels/kernel.ts';
import { chipsOfCatalogue, constantsOf, exchangeOf, exchanges, expectNear, expectNotLess, roundChip, sizes } from '../support.ts';

const combineOf = (changes: Partial<ExpertExchangeKernel> = {}): ExpertExchangeKernel => exchangeOf({ direction: 'combine', elementBytes: 2, ...changes });
/** A token of DeepSeek-V3 on its way to one expert, and back. */
const DISPATCHED = 7168 + (7168 / 128) * 4 + 16;
const COMBINED = 7168 * 2;

describe('the bytes of an exchange', () => {
  it('are elements, scales in 32 bit for 128 of 8 bit, and a header where tokens are dispatched', () => {
    expect(exchangeBytes(exchangeOf())).toBe(128 * 8 * DISPATCHED);
    expect(exchangeBytes(combineOf())).toBe(128 * 8 * COMBINED);
    expect(exchangeBytes(exchangeOf({ elementBytes: 2 }))).toBe(128 * 8 * (COMBINED + 16));
  });

  it('go to other chips of the node, to other nodes, and stay on the chip, when experts are spread evenly', () => {
    expect(exchangeTraffic(combineOf({ gpus: 8 }), roundChip)).toEqual({ inside: (128 * 8 * COMBINED * 7) / 8, outside: 0 });
    expect(exchangeTraffic(combineOf({ gpus: 32 }), roundChip)).toEqual({ inside: (128 * 8 * COMBINED * 7) / 32, outside: 128 * 8 * COMBINED * (1 - 8 / 32) });
  });

  it('are all of them', () =>
    fc.assert(
      fc.property(exchanges('low-latency'), chipsOfCatalogue, (kernel, chip) => {
        const { inside, outside } = exchangeTraffic(kernel, chip);
        expect((inside + outside + exchangeBytes(kernel) / kernel.gpus) / exchangeBytes(kernel)).toBeCloseTo(1, 9);
      }),
    ));
});

const lowLatency = {
  dispatchBase: 8e-6,
  dispatchExpert: 1e-8,
  tokenTime: 2e-6,
  combineBase: 10e-6,
  combineExpert: 5e-9,
  stageBandwidth: 1e12,
  linkShare: 0.5,
  networkShare: 0.8,
};

describe('low-latency kernels', () => {
  const timeOf = (kernel: ExpertExchangeKernel): number => lowLatencyExchange.time(kernel, roundChip, lowLatency);

  it('dispatch to experts on the units of the sender, over the links of a node', () => {
    // 256 experts on 8 units: 32 each, all busy
    expectNear(timeOf(exchangeOf()), 8e-6 + 256 * 1e-8 + (2e-6 * 128) / 8 + (128 * 8 * DISPATCHED * 7) / 8 / (0.5 * 1e11));
    // 9 experts: two each on five units
    expectNear(timeOf(exchangeOf({ experts: 9 })), 8e-6 + 9 * 1e-8 + (2e-6 * 128) / 5 + (128 * 8 * DISPATCHED * 7) / 8 / (0.5 * 1e11));
  });

  it('combine inside the chip, and over the network where that takes longer than the links', () => {
    const bytes = 128 * 8 * COMBINED;
    expectNear(timeOf(combineOf({ gpus: 32 })), 10e-6 + 256 * 5e-9 + bytes / 1e12 + (bytes * 24) / 32 / (0.8 * 1e10));
  });

  it('cross links and network at once', () => {
    const bytes = 128 * 8 * COMBINED;
    const fast = { ...roundChip, nicPerAcceleratorPerDirection: 1e14 as typeof roundChip.memoryBandwidth };
    expectNear(wireTime(combineOf({ gpus: 32 }), fast, lowLatency), (bytes * 7) / 32 / (0.5 * 1e11));
    expectNear(wireTime(combineOf({ gpus: 32 }), roundChip, lowLatency), (bytes * 24) / 32 / (0.8 * 1e10));
  });

  it('keep the links busy for no longer than they take', () =>
    fc.assert(
      fc.property(exchanges('low-latency'), chipsOfCatalogue, (kernel, chip) => {
        const fitted = constantsOf('expert-exchange') as typeof lowLatency;
        expectNotLess(lowLatencyExchange.time(kernel, chip, fitted), wireTime(kernel, chip, fitted));
      }),
    ));
});

describe('normal kernels', () => {
  const constants = { launch: 30e-6, linkShare: 0.5, networkShare: 0.8 };
  const timeOf = (kernel: ExpertExchangeKernel): number => normalExchange.time(kernel, roundChip, constants);
  const normal = (changes: Partial<ExpertExchangeKernel> = {}): ExpertExchangeKernel => combineOf({ mode: 'normal', tokens: 4096, ...changes });
  const distinct = (places: number, picks: number): number => places * (1 - (1 - 1 / places) ** picks);

  it('send a token once to each chip of a node that has one of its experts', () => {
    expectNear(timeOf(normal()), 30e-6 + (4096 * COMBINED * distinct(8, 8) * (1 - 1 / 8)) / (0.5 * 1e11));
  });

  it('send it once to each of two nodes', () => {
    const network = (4096 * COMBINED * distinct(2, 8) * (1 - 1 / 2)) / (0.8 * 1e10);
    expectNear(timeOf(normal({ gpus: 16 })), 30e-6 + network);
  });

  it('to four nodes at most', () => {
    const network = (4096 * COMBINED * distinct(4, 8) * (1 - 1 / 8)) / (0.8 * 1e10);
    expectNear(timeOf(normal({ gpus: 64 })), 30e-6 + network);
  });

  it('send the header and the scales of a token once too', () => {
    expectNear(timeOf(exchangeOf({ mode: 'normal', topK: 1 })), 30e-6 + (128 * DISPATCHED * (1 - 1 / 8)) / (0.5 * 1e11));
  });

  it('with one expert send what low-latency kernels send', () =>
    fc.assert(
      fc.property(exchanges('normal'), (kernel) => {
        const [gpus, one] = [8, { ...kernel, topK: 1 }];
        expectNear(normalExchange.time({ ...one, gpus }, roundChip, { ...constants, launch: 0 }), wireTime({ ...one, gpus }, roundChip, constants));
      }),
    ));

  it('never send more through the network', () =>
    fc.assert(
      fc.property(exchanges('normal'), chipsOfCatalogue, (kernel, chip) => {
        // links so fast that the network is what takes time
        const fast = { ...chip, scaleUpPerDirection: 1e30 as typeof roundChip.memoryBandwidth };
        expectNotLess(wireTime(kernel, fast, constants), normalExchange.time(kernel, fast, { ...constants, launch: 0 }));
      }),
    ));
});

describe('every exchange', () => {
  const modes = [
    ['low-latency', lowLatencyExchange, constantsOf('expert-exchange') as typeof lowLatency],
    ['normal', normalExchange, constantsOf('expert-exchange-normal') as { launch: number; linkShare: number; networkShare: number }],
  ] as const;

  it.each(modes)('of one chip takes no time, %s', (mode, family, constants) => {
    for (const direction of ['dispatch', 'combine'] as const) expect(family.time(exchangeOf({ mode, direction, gpus: 1, tokens: 1e6 }), roundChip, constants as never)).toBe(0);
    expect(wireTime(exchangeOf({ mode, gpus: 1 }), roundChip, lowLatency)).toBe(0);
  });

  it.each(modes)('never takes less time for more tokens, experts of a token, or width, %s', (mode, family, constants) =>
    fc.assert(
      fc.property(exchanges(mode), chipsOfCatalogue, fc.constantFrom('tokens', 'topK', 'hidden'), sizes(100), (kernel, chip, size, more) => {
        expectNotLess(family.time({ ...kernel, [size]: kernel[size] + more }, chip, constants as never), family.time(kernel, chip, constants as never), `${size}: `);
      }),
    ),
  );

  it.each(modes)('over a network that is not catalogued is refused, %s', (mode, family, constants) => {
    const local = { ...roundChip, nicPerAcceleratorPerDirection: null };
    expect(() => family.time(exchangeOf({ mode, gpus: 16 }), local, constants as never)).toThrow(/^timing: gpus 16 need nicPerAcceleratorPerDirection of round/);
    expect(family.time(exchangeOf({ mode, gpus: 8 }), local, constants as never)).toBeGreaterThan(0);
  });
});
