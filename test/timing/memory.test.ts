import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelCache } from '../../src/models/cache.ts';
import { layerCount, type Model, modelEntries, modelOf, parameters, precisionPolicies } from '../../src/models/index.ts';
import { type Deployment, singleChip, validateDeployment } from '../../src/timing/deployment.ts';
import { activationBytes, type Memory, type MemoryOptions, memoryOf, pagedTokens } from '../../src/timing/memory.ts';
import { chipOf, chips, expectNear, sizes } from './support.ts';

const memory = (id: string, changes: Partial<Deployment> = {}, options: Partial<MemoryOptions> = {}, chip = 'h100'): Memory =>
  memoryOf(modelOf(id), chipOf(chip), { deployment: { ...singleChip, ...changes }, ...options });

const GIB = 2 ** 30;
const H100 = 80 * GIB;
const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const catalogue = modelEntries.map(({ model }) => model);
const text = catalogue.filter(({ vision }) => vision === undefined);

/** Deployments that fit a model of the catalogue. */
const deployed = fc
  .record({
    model: fc.constantFrom(...catalogue),
    tensorParallel: fc.constantFrom(1, 2, 4, 8),
    dataParallel: fc.constantFrom(1, 2, 16),
    expertParallel: fc.constantFrom(1, 2, 8, 16),
    pipelineParallel: fc.constantFrom(1, 2, 3),
    redundantExperts: fc.constantFrom(0, 3, 16),
  })
  .map(({ model, ...changes }) => ({ model, deployment: { ...singleChip, ...changes } }))
  .filter(({ model, deployment }) => {
    try {
      validateDeployment(model, deployment);
      return true;
    } catch {
      return false;
    }
  });

describe('pagedTokens', () => {
  it.each([
    [1, 16, 16],
    [16, 16, 16],
    [17, 16, 32],
    [8192, 64, 8192],
    [8193, 64, 8256],
    [7, 1, 7],
  ])('of %i tokens in blocks of %i: %i', (contextLength, blockTokens, tokens) => expect(pagedTokens.evaluate({ contextLength, blockTokens })).toBe(tokens));
});

describe('activationBytes', () => {
  it('are those of residual, widest matrix and logits', () =>
    expect(activationBytes.evaluate({ tokens: 10, hidden: 100, widest: 700, requests: 3, vocabulary: 1000 })).toBe(2 * 10 * (3 * 100 + 2 * 700) + 4 * 3 * 1000));
});

describe('the weights of a chip', () => {
  it('are, of Llama-3.1-8B in 16 bit, its 8,030,261,248 parameters less 65 norms of 4096, 2 bytes each', () => {
    expect(memory('llama-3.1-8b').weightBytes).toBe(2 * (8_030_261_248 - 65 * 4096));
  });

  it.each(text)('of $id on one chip are all that it stores', (model) => expectNear(memoryOf(model, chipOf('h100'), { deployment: singleChip }).weightBytes, parameters(model).bytes));

  it('are halved by two chips where every matrix is split', () => {
    const all = memory('llama-3.1-70b').weightBytes;
    for (const t of [2, 4, 8]) expect(memory('llama-3.1-70b', { tensorParallel: t }).weightBytes).toBe(all / t);
  });

  it('hold a copy of a key-value head on each of the chips beyond the heads', () => {
    const keyValue = 32 * 2 * 4096 * 8 * 128 * 2;
    const rest = memory('llama-3.1-8b').weightBytes - keyValue;
    expect(memory('llama-3.1-8b', { tensorParallel: 32 }).weightBytes).toBe(rest / 32 + keyValue / 8);
  });

  it('of Step-3 on eight chips: query and key-value down-projections and router whole, an eighth of the rest', () => {
    const { parts } = parameters(modelOf('step-3'));
    const copied = 61 * 7168 * (2048 + 2 * 256) + parts.router;
    expect(memory('step-3', { tensorParallel: 8 }).weightBytes).toBe((parameters(modelOf('step-3')).total.all - copied) / 8 + copied);
  });

  it('are those of the precision that is asked for', () => {
    const model = modelOf('llama-3.1-8b');
    const { embedding, head } = parameters(model).parts;
    expect(memory('llama-3.1-8b', {}, { precision: precisionPolicies.fp8 }).weightBytes).toBe(parameters(model).total.all);
    expect(memory('llama-3.1-8b', {}, { precision: precisionPolicies.w8a8kv16 }).weightBytes).toBe(parameters(model).total.all + embedding + head);
  });

  it('are the largest stage of a pipeline: whole layers, and both ends of the model', () => {
    const { embedding, head } = parameters(modelOf('llama-3.1-8b')).parts;
    const ends = 2 * (embedding + head);
    const layers = memory('llama-3.1-8b').weightBytes - ends;
    for (const [p, most] of [
      [2, 16],
      [3, 11],
      [5, 7],
      [32, 1],
    ] as const)
      expectNear(memory('llama-3.1-8b', { pipelineParallel: p }).weightBytes, ends + (layers * most) / 32, `p = ${p}: `);
  });

  it('have each replica of the attention whole', () => expect(memory('llama-3.1-8b', { dataParallel: 4 }).weightBytes).toBe(memory('llama-3.1-8b').weightBytes));
});

describe('routed experts', () => {
  const { experts } = parameters(modelOf('mixtral-8x7b')).parts;
  const others = memory('mixtral-8x7b').weightBytes - 2 * experts;
  // chips of each expert group split it: share = experts of the group / 8 / chips of the group
  it.each([
    ['one chip: all', {}, 1],
    ['two replicas, experts split', { dataParallel: 2 }, 1 / 2],
    ['two replicas, four experts each', { dataParallel: 2, expertParallel: 2 }, 1 / 2],
    ['eight replicas, one expert each', { dataParallel: 8, expertParallel: 8 }, 1 / 8],
    ['eight replicas, four groups of two chips', { dataParallel: 8, expertParallel: 4 }, 1 / 8],
    ['eight replicas, eight copies: two each', { dataParallel: 8, expertParallel: 8, redundantExperts: 8 }, 2 / 8],
    ['one copy makes five a group', { dataParallel: 2, expertParallel: 2, redundantExperts: 1 }, 5 / 8],
    ['so do two', { dataParallel: 2, expertParallel: 2, redundantExperts: 2 }, 5 / 8],
    ['three groups have three at most', { dataParallel: 3, expertParallel: 3 }, 3 / 8],
    ['copies without groups, too', { redundantExperts: 4 }, 12 / 8],
  ] as const)('%s', (_, changes, share) => expectNear(memory('mixtral-8x7b', changes).weightBytes, others + 2 * experts * share));

  it('are split over the chips of a replica as over those of several', () => {
    const share = (changes: Partial<Deployment>): number => memory('deepseek-v3', changes).weightBytes - memory('deepseek-v3', { ...changes, dataParallel: 256, expertParallel: 1 }).weightBytes;
    const all = parameters(modelOf('deepseek-v3')).parts.experts;
    for (const changes of [{ tensorParallel: 4 }, { tensorParallel: 4, expertParallel: 4 }, { tensorParallel: 4, expertParallel: 2 }]) expectNear(share(changes), all / 4 - all / 1024);
  });
});

describe('the cache of a request', () => {
  it('is 128 KiB a token in Llama-3.1-8B, in blocks of 16', () => {
    const { cacheBytes } = memory('llama-3.1-8b');
    for (const [context, tokens] of [
      [1, 16],
      [16, 16],
      [17, 32],
      [8192, 8192],
    ] as const)
      expect(cacheBytes(context)).toBe(tokens * 131_072);
  });

  it.each(catalogue)('of $id on one chip is that of modelCache at whole blocks, with states', (model) => {
    const { ring, paged, state } = modelCache(model);
    for (const context of [1, 100, 1000, 4096, 100_000])
      for (const blockTokens of [1, 16, 64]) {
        const tokens = Math.ceil(context / blockTokens) * blockTokens;
        const bytes = (windows: 'ring' | 'paged'): number => memoryOf(model, chipOf('h100'), { deployment: singleChip, blockTokens, windows }).cacheBytes(context);
        expectNear(bytes('ring'), ring.evaluate(tokens) + state, `${context} `);
        expectNear(bytes('paged'), paged.evaluate(tokens) + state, `${context} `);
      }
  });

  it.each([
    ['llama-3.1-8b', 4, 1 / 4],
    ['llama-3.1-8b', 32, 1 / 8],
    ['qwen3-235b-a22b', 8, 1 / 4],
    ['deepseek-v3', 8, 1],
    ['step-3', 8, 1],
    ['nemotron-3-nano-30b-a3b', 2, 1 / 2],
  ] as const)('of %s on %i chips has a share of %d on each', (id, t, share) => expectNear(memory(id, { tensorParallel: t }).cacheBytes(4096), share * memory(id).cacheBytes(4096)));

  it('splits states by heads while copies of key-value heads remain', () => {
    const { ring, state } = modelCache(modelOf('qwen3-next-80b-a3b'));
    expectNear(memory('qwen3-next-80b-a3b', { tensorParallel: 16 }).cacheBytes(4096), ring.evaluate(4096) / 2 + state / 16);
  });

  it('is that of the layers of a stage', () => expectNear(memory('llama-3.1-8b', { pipelineParallel: 3 }).cacheBytes(4096), (memory('llama-3.1-8b').cacheBytes(4096) * 11) / 32));
  it('is half in 8 bit', () => expect(memory('llama-3.1-8b', {}, { precision: precisionPolicies.fp8 }).cacheBytes(4096)).toBe(4096 * 65_536));
  it('stops to grow with a window only in a ring', () => {
    const window = 39 * 1024 + 1;
    const [ring, paged] = (['ring', 'paged'] as const).map((windows) => memory('gpt-oss-120b', {}, { windows }).cacheBytes(window)) as [number, number];
    // 18 of 36 layers keep 128 tokens
    expectNear(ring / paged, (pagedTokens.evaluate({ contextLength: window, blockTokens: 16 }) + 128) / (2 * pagedTokens.evaluate({ contextLength: window, blockTokens: 16 })));
  });
});

describe('use', () => {
  it('of Llama-3.1-8B on an H100, batch 32, context 8192: by hand', () => {
    expect(memory('llama-3.1-8b').use(32, 8192)).toEqual({
      weights: 16_059_990_016,
      cache: 32 * GIB,
      activations: 2 * 8192 * (3 * 4096 + 2 * 28_672) + 4 * 32 * 128_256,
      workspace: 2 * GIB,
      total: 16_059_990_016 + 32 * GIB + 2 * 8192 * 69_632 + 4 * 32 * 128_256 + 2 * GIB,
      usable: 0.9 * H100,
    });
  });

  it('has half of the widest matrix and of the logits on two chips', () =>
    expect(memory('llama-3.1-8b', { tensorParallel: 2 }).use(1, 1).activations).toBe(2 * 8192 * (3 * 4096 + 2 * 14_336) + 4 * 64_128));
  it('counts of routed experts the outputs of those that a token has: two of 28,672 in Mixtral', () =>
    expect(memory('mixtral-8x7b').use(1, 1).activations).toBe(2 * 8192 * (3 * 4096 + 2 * 2 * 28_672) + 4 * 32_000));
  it('has a token of every request in a decode step, if those are more than a chunk', () =>
    expect(memory('llama-3.1-8b', {}, { passTokens: 100 }).use(300, 1).activations).toBe(2 * 300 * 69_632 + 4 * 300 * 128_256));
  it('takes workspace and share of the memory as given', () =>
    expect(memory('llama-3.1-8b', {}, { workspaceBytes: 5, memoryShare: 0.5, passTokens: 1 }).use(1, 1)).toMatchObject({ workspace: 5, usable: H100 / 2 }));

  it.each([
    [0, 8192, 'batch 0'],
    [-1, 8192, 'batch -1'],
    [1.5, 8192, 'batch 1.5'],
    [Number.NaN, 8192, 'batch NaN'],
    [Number.POSITIVE_INFINITY, 8192, 'batch Infinity'],
    [2 ** 53, 8192, 'batch 9007199254740992'],
    [32, 0, 'contextLength 0'],
    [32, -8192, 'contextLength -8192'],
    [32, 0.5, 'contextLength 0.5'],
    [32, Number.NaN, 'contextLength NaN'],
    [32, Number.POSITIVE_INFINITY, 'contextLength Infinity'],
  ])('refuses a batch of %d at context %d: %s', (batch, context, field) => {
    const check = () => memory('llama-3.1-8b').use(batch, context);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(new RangeError(`memory: ${field} is not a positive integer`));
  });

  it('is the sum of its parts, none negative, and grows with batch and context', () =>
    fc.assert(
      fc.property(deployed, whole(1, 512), sizes(131_072), whole(1, 1000), ({ model, deployment }, batch, context, more) => {
        const { use } = memoryOf(model, chipOf('h200'), { deployment });
        const { weights, cache, activations, workspace, total, usable } = use(batch, context);
        expectNear(total, weights + cache + activations + workspace);
        for (const part of [weights, cache, activations, workspace, usable]) expect(part).toBeGreaterThan(0);
        expect(use(batch + more, context).total).toBeGreaterThan(total);
        expect(use(batch, context + more).total).toBeGreaterThanOrEqual(total);
      }),
      { numRuns: 60 },
    ));
});

describe('largestBatch and longestContext', () => {
  it('of Llama-3.1-8B on an H100: by hand', () => {
    // 77,309,411,328 usable less weights, workspace and activations of 8192 tokens
    const free = 77_309_411_328 - 16_059_990_016 - 2 * GIB - 2 * 8192 * 69_632;
    expect(memory('llama-3.1-8b').largestBatch(8192)).toBe(Math.floor(free / (GIB + 4 * 128_256)));
    expect(memory('llama-3.1-8b').largestBatch(8192)).toBe(53);
    expect(memory('llama-3.1-8b').longestContext(1)).toBe(16 * Math.floor((free - 4 * 128_256) / (16 * 131_072)));
    expect(memory('llama-3.1-8b').longestContext(1)).toBe(442_192);
  });

  it('are 0 where nothing fits', () => {
    expect(memory('bloom-176b').largestBatch(1)).toBe(0);
    expect(memory('bloom-176b').longestContext(1)).toBe(0);
    expect(memory('llama-3.1-8b', {}, { workspaceBytes: H100 }).largestBatch(1)).toBe(0);
    expect(memory('llama-3.1-8b').largestBatch(1_000_000)).toBe(0);
    expect(memory('llama-3.1-8b').longestContext(1_000_000)).toBe(0);
  });

  it('are more than 0 for every model on enough chips', () => {
    for (const model of catalogue) expect(memoryOf(model, chipOf('h200'), { deployment: { ...singleChip, tensorParallel: 2, pipelineParallel: 12 } }).largestBatch(1024), model.id).toBeGreaterThan(0);
  });

  it('are the largest that fit', () =>
    fc.assert(
      fc.property(deployed, fc.constantFrom(...chips), sizes(131_072), sizes(1024), ({ model, deployment }, chip, context, batch) => {
        const { use, largestBatch, longestContext } = memoryOf(model, chip, { deployment });
        const fits = (b: number, s: number): boolean => use(b, s).total <= use(b, s).usable;
        const [most, longest] = [largestBatch(context), longestContext(batch)];
        expect(most === 0 || fits(most, context)).toBe(true);
        expect(fits(most + 1, context)).toBe(false);
        expect(longest === 0 || fits(batch, longest)).toBe(true);
        expect(fits(batch, longest + 1)).toBe(false);
      }),
      { numRuns: 60 },
    ));

  it('fall with the other', () =>
    fc.assert(
      fc.property(deployed, fc.constantFrom(...chips), sizes(131_072), sizes(1024), sizes(1000), ({ model, deployment }, chip, context, batch, more) => {
        const { largestBatch, longestContext } = memoryOf(model, chip, { deployment });
        expect(largestBatch(context + more)).toBeLessThanOrEqual(largestBatch(context));
        expect(longestContext(batch + more)).toBeLessThanOrEqual(longestContext(batch));
      }),
      { numRuns: 60 },
    ));

  it('are no less with rings than with every token kept, and no less with blocks of one token', () =>
    fc.assert(
      fc.property(fc.constantFrom(...catalogue), sizes(131_072), (model, context) => {
        const most = (options: Partial<MemoryOptions>): number =>
          memoryOf(model, chipOf('h200'), { deployment: { ...singleChip, tensorParallel: 2, pipelineParallel: 12 }, ...options }).largestBatch(context);
        expect(most({ windows: 'ring' })).toBeGreaterThanOrEqual(most({ windows: 'paged' }));
        expect(most({ blockTokens: 1 })).toBeGreaterThanOrEqual(most({ blockTokens: 16 }));
      }),
      { numRuns: 40 },
    ));
});

describe('memoryOf refuses', () => {
  it.each([
    [{ blockTokens: 0 }, 'memory: blockTokens 0 is not a positive integer'],
    [{ blockTokens: 1.5 }, 'memory: blockTokens 1.5 is not a positive integer'],
    [{ passTokens: 0 }, 'memory: passTokens 0 is not a positive integer'],
    [{ passTokens: Number.NaN }, 'memory: passTokens NaN is not a positive integer'],
    [{ memoryShare: 0 }, 'memory: memoryShare 0 is not above 0 and at most 1'],
    [{ memoryShare: 1.1 }, 'memory: memoryShare 1.1 is not above 0 and at most 1'],
    [{ memoryShare: Number.NaN }, 'memory: memoryShare NaN is not above 0 and at most 1'],
    [{ workspaceBytes: -1 }, 'memory: workspaceBytes -1 is not a finite number of at least 0'],
    [{ workspaceBytes: Number.POSITIVE_INFINITY }, 'memory: workspaceBytes Infinity is not a finite number of at least 0'],
    [{ workspaceBytes: Number.NaN }, 'memory: workspaceBytes NaN is not a finite number of at least 0'],
  ])('%j: %s', (options, message) => {
    const check = (): Memory => memory('llama-3.1-8b', {}, options);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(new RangeError(message));
  });

  it('accepts the ends of each', () => expect(() => memory('llama-3.1-8b', {}, { blockTokens: 1, passTokens: 1, memoryShare: 1, workspaceBytes: 0 })).not.toThrow());
});

it('a pipeline of as many stages as layers holds one layer a stage', () => {
  const model = modelOf('llama-3.1-8b');
  const p = layerCount(model);
  expectNear(memory('llama-3.1-8b', { pipelineParallel: p }).cacheBytes(16), memory('llama-3.1-8b').cacheBytes(16) / p);
});

describe('sides of a model', () => {
  const of = (model: Model, sides: MemoryOptions['sides'], changes: Partial<Deployment> = {}): Memory =>
    memoryOf(model, chipOf('h800'), { deployment: { ...singleChip, ...changes }, ...(sides === undefined ? {} : { sides }) });

  it.each(catalogue)('of $id hold together what the whole holds', (model) => {
    const whole = of(model, undefined);
    const [attention, ffn, vision] = [of(model, ['attention', 'vocabulary']), of(model, ['ffn']), of(model, ['vision'])];
    expectNear(attention.weightBytes + ffn.weightBytes + vision.weightBytes, whole.weightBytes);
    if (model.vision === undefined) expect(vision.weightBytes).toBe(0);
    expectNear(attention.cacheBytes(5000), whole.cacheBytes(5000));
    expect([ffn.cacheBytes(5000), vision.cacheBytes(5000)]).toEqual([0, 0]);
  });

  it('are all unless given', () => expect(of(modelOf('llama-3.1-8b'), ['attention', 'ffn', 'vocabulary', 'vision']).use(4, 100)).toEqual(of(modelOf('llama-3.1-8b'), undefined).use(4, 100)));

  it('of Llama-3.1-8B: 32 layers of 3 x 4096 x 14,336 on one, all others on the other', () => {
    const ffn = 2 * 32 * 3 * 4096 * 14_336;
    expect(of(modelOf('llama-3.1-8b'), ['ffn']).weightBytes).toBe(ffn);
    expect(of(modelOf('llama-3.1-8b'), ['attention']).weightBytes).toBe(2 * 32 * (2 * 4096 * 4096 + 4096 * 2048));
    expect(of(modelOf('llama-3.1-8b'), ['vocabulary']).weightBytes).toBe(2 * 2 * 128_256 * 4096);
  });

  it('have activations of their own widest matrix: 28,672 outputs of the feed-forward side, 4096 of attention', () => {
    const activations = (sides: MemoryOptions['sides']): number => of(modelOf('llama-3.1-8b'), sides).use(1, 1).activations;
    expect(activations(['ffn']) - activations(['attention'])).toBe(2 * 8192 * 2 * (28_672 - 4096));
  });

  it('without attention are split by numbers that do not divide heads', () => {
    const model = modelOf('llama-3.1-8b');
    expect(of(model, ['ffn'], { tensorParallel: 7 }).weightBytes).toBeCloseTo(of(model, ['ffn']).weightBytes / 7, 0);
    expect(() => of(model, ['attention'], { tensorParallel: 7 })).toThrow(/^deployment: tensorParallel 7 does not divide the 32 heads of llama-3\.1-8b$/);
  });
});
