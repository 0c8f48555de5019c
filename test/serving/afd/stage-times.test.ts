import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type ContextMix, expectedLargest, oneContext } from '../../../src/serving/afd/contexts.ts';
import type { SplitGroup } from '../../../src/serving/afd/split-model.ts';
import { type AttentionWork, attentionTime, type FfnSide, ffnTime, headTime, innerExchange, type StageTime, sumTime, type TimeModel, together } from '../../../src/serving/afd/stage-times.ts';
import { calibration } from '../../../src/timing/choice.ts';
import { chipOf, expectNear, expectNotLess, roundChip, sizes } from '../../timing/support.ts';
import { MIX, splitOf } from './support.ts';

const MODELS = ['llama-3.1-8b', 'mixtral-8x7b', 'qwen3-30b-a3b', 'step-3', 'gpt-oss-120b', 'deepseek-v3'] as const;
const balanced = { kind: 'balanced' } as const;
const sideOf = (changes: Partial<FfnSide> = {}): FfnSide => ({ instances: 1, size: 8, layout: 'tensor', expertLoad: balanced, routing: 'broadcast', ...changes });
const workOf = (changes: Partial<AttentionWork> = {}): AttentionWork => ({ requests: 64, queries: 1, contexts: oneContext(1000), tensorParallel: 1, replicas: 8, ...changes });
const groupOf = (id: string, at = 0): SplitGroup => splitOf(id).groups[at] as SplitGroup;
const groupsOf = (id: string): readonly SplitGroup[] => splitOf(id).groups;

const attention = (id: string, changes: Partial<AttentionWork> = {}, chip = 'h800', times: TimeModel = 'calibrated', group = groupOf(id)): StageTime =>
  attentionTime(splitOf(id), group, chipOf(chip), workOf(changes), { times });
const ffn = (id: string, tokens: number, changes: Partial<FfnSide> = {}, chip = 'h800', times: TimeModel = 'calibrated', group = groupOf(id)): StageTime =>
  ffnTime(splitOf(id), group, chipOf(chip), tokens, sideOf(changes), { times });

/** Roofline bounds on a chip of 1 PFLOP/s and 1 TB/s, where all of these matrices wait for memory. */
const bound = { times: 'ideal' } as const;
const TB = 1e12;
/** Weights, inputs and outputs of a matrix in 16 bit. */
const matrix = (m: number, n: number, k: number, groups = 1): number => 2 * (groups * n * k + m * k + m * n);

describe('the attention side of a layer of Llama-3.1-8B, 64 requests at context 1000, in 16 bit', () => {
  const layer =
    4 * 64 * 4096 * 2 + //                            norm
    matrix(64, 6144, 4096) + //                       query, key and value
    2 * 64 * 32 * 128 * 2 +
    2 * 64 * 4096 + //        rotary embedding, cache write
    64 * 1000 * 4096 +
    2 * 64 * 32 * (128 + 128) + // cache, queries and outputs
    matrix(64, 4096, 4096); //                        output
  const sent = 4 * 64 * 4096 * 2 + 3 * 64 * 4096; //  norm of the other side, quantised on its way
  const time = (changes: Partial<AttentionWork> = {}): number => attentionTime(splitOf('llama-3.1-8b'), groupOf('llama-3.1-8b'), roundChip, workOf(changes), bound).seconds;

  it('moves these bytes', () => expectNear(time(), (layer + sent) / TB));
  it('sends nothing where there is no feed-forward layer', () => {
    const { seconds } = attentionTime(splitOf('llama-3.1-8b'), { ...groupOf('llama-3.1-8b'), ffn: [] }, roundChip, workOf(), bound);
    expectNear(seconds, layer / TB);
  });

  it('with one draft token has twice the rows and one read of the cache', () => {
    const rows = 4 * 128 * 4096 * 2 + matrix(128, 6144, 4096) + 2 * 128 * 32 * 128 * 2 + 2 * 128 * 4096 + matrix(128, 4096, 4096) + 4 * 128 * 4096 * 2 + 3 * 128 * 4096;
    expectNear(time({ queries: 2 }), (rows + 64 * 1000 * 4096 + 2 * 64 * 64 * (128 + 128)) / TB);
  });

  it('on two chips has half of each, all tokens in its norm, and adds halves up over the link', () => {
    const half =
      4 * 64 * 4096 * 2 +
      matrix(64, 3072, 4096) +
      (2 * 64 * 32 * 128 * 2 + 2 * 64 * 4096) / 2 +
      (64 * 1000 * 4096 + 2 * 64 * 32 * (128 + 128)) / 2 +
      matrix(64, 4096, 2048) +
      4 * 64 * 4096 * 2 +
      (3 * 64 * 4096) / 2;
    // what a chip of two sends at least of a buffer: half of it
    expectNear(time({ tensorParallel: 2 }), half / TB + (64 * 4096 * 2) / 2 / 1e11);
  });
});

describe('what comes back from several instances', () => {
  const time = (reached: number, changes: Partial<AttentionWork> = {}): number => sumTime(splitOf('llama-3.1-8b'), roundChip, workOf(changes), reached, bound).seconds;

  it('is read from each and written once: three of 64 tokens, 4096 wide, in 16 bit', () => expectNear(time(3), (4 * 64 * 4096 * 2) / TB));
  it('is shared by the chips of a replica, and is there for each drafted token', () => {
    expectNear(time(3, { tensorParallel: 4 }), time(3) / 4);
    expectNear(time(3, { queries: 2 }), 2 * time(3));
  });
  it('has nothing to add where it comes from one or none', () => expect([time(1), time(0)]).toEqual([0, 0]));
});

describe('together', () => {
  const stage = (seconds: number, basis: StageTime['basis']): StageTime => ({ seconds, bounds: () => ({ low: 0.5 * seconds, high: 3 * seconds }), basis });

  it('takes both times and both intervals', () => {
    const { seconds, bounds } = together(stage(2, 'measured'), stage(1, 'measured'));
    expect([seconds, bounds()]).toEqual([3, { low: 1.5, high: 9 }]);
  });

  it('is as well known as both, but for a second of less than a tenth', () => {
    const basis = (...[a, b]: [StageTime, StageTime]): string => together(a, b).basis;
    expect(basis(stage(2, 'measured'), stage(1, 'assumed'))).toBe('assumed');
    expect(basis(stage(2, 'measured'), stage(0.1, 'assumed'))).toBe('measured');
    expect(basis(stage(2, 'assumed'), stage(1, 'measured'))).toBe('assumed');
    expect(basis(stage(2, 'measured'), stage(1, 'measured'))).toBe('measured');
  });
});

describe('the attention side of Mixtral', () => {
  it('chooses experts: router and its scores', () => {
    const of = (group: SplitGroup): number => attentionTime(splitOf('mixtral-8x7b'), group, roundChip, workOf(), bound).seconds;
    const group = groupOf('mixtral-8x7b');
    const without = of({ ...group, ffn: group.ffn.filter(({ component }) => component !== 'router') });
    expectNear(of(group) - without, (matrix(64, 8, 4096) + 64 * 8 * 4) / TB);
  });
});

describe('the feed-forward side', () => {
  const time = (id: string, tokens: number, changes: Partial<FfnSide> = {}): number => ffnTime(splitOf(id), groupOf(id), roundChip, tokens, sideOf(changes), bound).seconds;
  const dense = (rows: number, width: number): number => matrix(rows, 2 * width, 4096) + 3 * rows * width * 2 + matrix(rows, 4096, width);

  it('of Llama-3.1-8B over 8 chips: an eighth of each matrix, every token', () => expectNear(time('llama-3.1-8b', 512), dense(512, 14_336 / 8) / TB));
  it('over two servers: a sixteenth', () => expectNear(time('llama-3.1-8b', 512, { instances: 2 }), dense(512, 14_336 / 16) / TB));
  it('routed to one of two servers: an eighth, half of the tokens', () => expectNear(time('llama-3.1-8b', 512, { instances: 2, routing: 'routed' }), dense(256, 14_336 / 8) / TB));
  it('with a layer on each chip: all of it, an eighth of the tokens', () => expectNear(time('llama-3.1-8b', 512, { layout: 'expert' }), dense(64, 14_336) / TB));

  // 512 tokens choose two of eight experts: all are hit but for one time in 10^63
  const experts = (rows: number, held: number, width: number): number => matrix(rows, 2 * width, 4096, held) + 3 * rows * width * 2 + matrix(rows, 4096, width, held);
  it('of Mixtral over two servers: four experts of each, an eighth of them on a chip, half of the rows; results of a token are added up', () =>
    expectNear(time('mixtral-8x7b', 512, { instances: 2 }), (experts(512, 4, 14_336 / 8) + 512 * 2 * 8 + (512 + 512) * 4096 * 2) / TB));
  it('with an expert on each chip: an eighth of the rows', () => expectNear(time('mixtral-8x7b', 512, { layout: 'expert' }), experts(128, 1, 14_336) / TB));

  it('reads only the experts that are hit: of one token two, with half of the eight on each server one', () =>
    expectNear(time('mixtral-8x7b', 1, { instances: 2 }), (experts(1, 1, 14_336 / 8) + 2 * 8 + (1 + 1) * 4096 * 2) / TB));

  it('of Step-3 in 8 bit, whole experts on 8 chips: one shared expert, six of 48, quantised between the matrices and not before the first', () => {
    const half = (rows: number, held: number): number => held * 3 * 5120 * 7168 + rows * (7168 + 2 * 10_240) + 3 * rows * 5120 * 2 + 3 * rows * 5120 + rows * (5120 + 2 * 7168);
    // 64 tokens of a chip through the shared expert, three of 48 experts for each of 512 tokens: 192 rows a chip
    const { seconds } = ffnTime(splitOf('step-3'), groupOf('step-3', 1), roundChip, 512, sideOf({ layout: 'expert' }), bound);
    expectNear(seconds, (half(64, 1) + half(192, 6)) / TB);
  });

  it('takes longer with experts that are not loaded alike, the more of them a chip has', () => {
    const skewed = { kind: 'power-law', exponent: 1 } as const;
    expect(time('qwen3-30b-a3b', 4096, { layout: 'expert', expertLoad: skewed })).toBeGreaterThan(time('qwen3-30b-a3b', 4096, { layout: 'expert' }));
  });
});

describe('exchanges inside an instance', () => {
  const exchanged = (id: string, direction: 'dispatch' | 'combine', tokens: number, reached: number, changes: Partial<FfnSide> = {}): number =>
    innerExchange(direction, splitOf(id), groupOf(id), roundChip, tokens, reached, sideOf(changes), bound).seconds;

  it('gather every token on every chip, 4096 bytes and 32 scales: seven eighths come over the link', () =>
    expectNear(exchanged('mixtral-8x7b', 'dispatch', 512, 1), (512 * (4096 + 128) * 7) / 8 / 1e11));
  it('scatter sums in 16 bit', () => expectNear(exchanged('mixtral-8x7b', 'combine', 512, 1), (512 * 8192 * 7) / 8 / 1e11));
  it('have of each token as many copies as instances that it reaches, shared among all', () => {
    expectNear(exchanged('mixtral-8x7b', 'combine', 512, 2, { instances: 2 }), exchanged('mixtral-8x7b', 'combine', 512, 1));
    expectNear(exchanged('mixtral-8x7b', 'combine', 512, 1.5, { instances: 2 }), 0.75 * exchanged('mixtral-8x7b', 'combine', 512, 1));
  });
  it('are none with one chip, no tokens, or a dense layer on each chip', () => {
    expect(exchanged('mixtral-8x7b', 'dispatch', 512, 1, { size: 1 })).toBe(0);
    expect(exchanged('mixtral-8x7b', 'dispatch', 512, 0)).toBe(0);
    expect(exchanged('llama-3.1-8b', 'combine', 512, 1, { layout: 'expert' })).toBe(0);
    expect(exchanged('llama-3.1-8b', 'combine', 512, 1)).toBeGreaterThan(0);
  });
  it('bring a token to each of its experts where those lie on single chips: two copies for Mixtral, seven eighths of them over the link', () =>
    expectNear(exchanged('mixtral-8x7b', 'combine', 512, 1, { layout: 'expert' }), (64 * 2 * 8192 * 7) / 8 / 1e11));
  it('bring each instance of two half of the experts of a token: four copies for Qwen3-30B-A3B', () =>
    expectNear(exchanged('qwen3-30b-a3b', 'combine', 512, 2, { layout: 'expert', instances: 2 }), (64 * 4 * 4096 * 7) / 8 / 1e11));
});

describe('the head', () => {
  const time = (changes: Partial<AttentionWork> = {}): number => headTime(splitOf('llama-3.1-8b'), roundChip, workOf(changes), bound).seconds;

  it('of Llama-3.1-8B: a norm, and a matrix of the vocabulary', () => expectNear(time(), (4 * 64 * 4096 * 2 + matrix(64, 128_256, 4096)) / TB));
  it('sees each drafted token', () => expectNear(time({ queries: 3 }), (4 * 192 * 4096 * 2 + matrix(192, 128_256, 4096)) / TB));
  it('on two chips has half of the vocabulary, and gathers logits', () => expectNear(time({ tensorParallel: 2 }), (4 * 64 * 4096 * 2 + matrix(64, 64_128, 4096)) / TB + (64 * 128_256 * 2) / 2 / 1e11));
});

describe('a mix of contexts', () => {
  const at = (contexts: ContextMix, changes: Partial<AttentionWork> = {}): number => attention('llama-3.1-8b', { contexts, ...changes }).seconds;

  it('of one context takes what that takes, however often it is named', () => {
    expect(at([4000, 4000].map((context) => ({ context, share: 0.5 })))).toBe(at(oneContext(4000)));
    expect(at(oneContext(4000), { replicas: 1 })).toBe(at(oneContext(4000), { replicas: 512 }));
  });

  it('takes one replica the mean, and the slowest of several more than its mean context does', () => {
    const [short, long] = MIX.map(({ context }) => at(oneContext(context))) as [number, number];
    expectNear(at(MIX, { replicas: 1 }), (short + long) / 2);
    expect(at(MIX, { replicas: 2 })).toBeGreaterThan(at(oneContext(4000)));
    // half of the difference is the deviation of one request; of r together it is divided by their root
    for (const requests of [1, 4, 64]) {
      const [few, many] = MIX.map(({ context }) => at(oneContext(context), { requests })) as [number, number];
      for (const replicas of [2, 16]) expectNear(at(MIX, { requests, replicas }), (few + many) / 2 + (expectedLargest(replicas) * (many - few)) / 2 / Math.sqrt(requests));
    }
  });

  it('takes the longer the more replicas wait', () => {
    const times = [1, 2, 4, 64, 512].map((replicas) => at(MIX, { replicas }));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBe(5);
  });
});

const anyModel = fc.constantFrom(...MODELS);
const anyChip = fc.constantFrom('h800', 'h20', 'h100', 'a800');
const ways = fc.constantFrom(1, 2, 4, 8);
const layouts = fc.constantFrom('tensor' as const, 'expert' as const);

describe('stage times', () => {
  test.prop([anyModel, anyChip, sizes(500), sizes(30_000), ways, fc.integer({ min: 1, max: 50 }), sizes(5000)], { numRuns: 120 })(
    'of attention grow with requests and context: bounds always, calibrated times but for a quarter where a kernel cuts its work otherwise',
    (id, chip, requests, context, tensorParallel, more, longer) => {
      for (const group of groupsOf(id)) {
        const of = (times: TimeModel, r: number, length: number): number => attention(id, { requests: r, contexts: oneContext(length), tensorParallel }, chip, times, group).seconds;
        for (const [times, slack] of [
          ['ideal', 1],
          ['calibrated', 0.75],
        ] as const) {
          expectNotLess(of(times, requests + more, context), slack * of(times, requests, context));
          expectNotLess(of(times, requests, context + longer), slack * of(times, requests, context));
        }
      }
    },
  );

  test.prop([anyModel, anyChip, sizes(4000), sizes(1000), fc.constantFrom(1, 2, 3), layouts], { numRuns: 300 })(
    'of the feed-forward side grow with tokens',
    (id, chip, tokens, more, instances, layout) => {
      fc.pre(layout === 'tensor' || id !== 'mixtral-8x7b' || instances === 1);
      for (const group of groupsOf(id))
        for (const times of ['ideal', 'calibrated'] as const) {
          const of = (count: number): number => ffn(id, count, { instances, layout }, chip, times, group).seconds;
          expectNotLess(of(tokens + more), of(tokens));
        }
    },
  );

  test.prop([anyModel, anyChip, sizes(500), sizes(30_000), ways, fc.constantFrom(1, 2), layouts], { numRuns: 30 })(
    'are at least the bound, inside of their interval; without one where times are bounds',
    (id, chip, requests, context, tensorParallel, instances, layout) => {
      fc.pre(layout === 'tensor' || id !== 'mixtral-8x7b' || instances === 1);
      for (const group of groupsOf(id)) {
        const side = sideOf({ instances, layout });
        const stages = (times: TimeModel): readonly StageTime[] => [
          attention(id, { requests, contexts: oneContext(context), tensorParallel }, chip, times, group),
          ffn(id, requests, side, chip, times, group),
          headTime(splitOf(id), chipOf(chip), workOf({ requests, tensorParallel }), { times }),
          innerExchange('dispatch', splitOf(id), group, chipOf(chip), requests, 1, side, { times }),
          innerExchange('combine', splitOf(id), group, chipOf(chip), requests, 1, side, { times }),
        ];
        const ideal = stages('ideal');
        for (const [at, { seconds, bounds }] of stages('calibrated').entries()) {
          const least = ideal[at] as StageTime;
          expectNotLess(seconds, least.seconds);
          expectNotLess(bounds().low, least.seconds);
          expectNotLess(seconds, bounds().low);
          expectNotLess(bounds().high, seconds);
          expect(least.bounds()).toEqual({ low: least.seconds, high: least.seconds });
        }
      }
    },
  );

  it('of a mix lie inside of their interval', () => {
    const { seconds, bounds } = attention('llama-3.1-8b', { contexts: MIX });
    expect(bounds().low).toBeLessThan(seconds);
    expect(bounds().high).toBeGreaterThan(seconds);
  });

  it('are those of the calibration that is given', () => {
    const slower = { ...calibration, entries: calibration.entries.map((entry) => ({ ...entry, constants: { ...entry.constants, memoryShare: (entry.constants.memoryShare ?? 1) / 2 } })) };
    const of = (data?: typeof calibration): number =>
      ffnTime(splitOf('llama-3.1-8b'), groupOf('llama-3.1-8b'), chipOf('h100'), 64, sideOf(), { times: 'calibrated', ...(data === undefined ? {} : { data }) }).seconds;
    expect(of(calibration)).toBe(of());
    expect(of(slower)).toBeGreaterThan(1.2 * of());
  });

  it('are measured where what takes a tenth or more is', () => {
    // grouped GEMMs of H800 were measured; in 16 bit its GEMMs were not
    expect(ffn('deepseek-v3', 1024, { layout: 'expert' }, 'h800', 'calibrated', groupOf('deepseek-v3', 1)).basis).toBe('measured');
    expect(ffn('llama-3.1-8b', 1024, {}, 'h800').basis).toBe('assumed');
    expect(ffn('llama-3.1-8b', 1024, {}, 'h100').basis).toBe('measured');
  });
});
