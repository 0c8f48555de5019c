import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peakFor } from '../../src/accelerators/peak.ts';
import { lowerModel, modelEntries, modelOf, parameters, precisionPolicies } from '../../src/models/index.ts';
import { chipsOf, type Deployment, singleChip, validateDeployment } from '../../src/timing/deployment.ts';
import { passTime } from '../../src/timing/pass-time.ts';
import { boundOf, type TimeQuery, type TimeRow, timeRow } from '../../src/timing/row.ts';
import { engineOf, servingTime } from '../../src/timing/serving.ts';
import { chipOf, expectNear, expectNotLess, networked, sizes } from './support.ts';

const { bf16, w8a8kv16 } = precisionPolicies;
const deploy = (changes: Partial<Deployment> = {}): Deployment => ({ ...singleChip, ...changes });
const rowOf = (id: string, chip: string, query: Partial<TimeQuery> = {}): TimeRow => timeRow(modelOf(id), chipOf(chip), { batch: 32, context: 8192, deployment: singleChip, ...query });
const sum = (row: TimeRow, of: (operator: TimeRow['operators'][number]) => number): number => row.operators.reduce((total, operator) => total + of(operator), 0);

const SPREAD = deploy({ dataParallel: 32, expertParallel: 32 });
const queries = fc
  .record({
    model: fc.constantFrom(...modelEntries.map(({ model }) => model)),
    chip: fc.constantFrom(...networked),
    batch: sizes(256),
    context: sizes(50_000),
    tensorParallel: fc.constantFrom(1, 2, 8),
    dataParallel: fc.constantFrom(1, 4, 16),
    expertParallel: fc.constantFrom(1, 4, 16),
    pipelineParallel: fc.constantFrom(1, 2),
    overlap: fc.constantFrom('none' as const, 'two-batch' as const),
    load: fc.option(fc.record({ prompt: sizes(8192), output: sizes(2048) })),
  })
  .map(({ model, chip, batch, context, load, ...changes }) => ({ model, chip, query: { batch, context, deployment: deploy(changes), ...(load === null ? {} : { load }) } satisfies TimeQuery }))
  .filter(({ model, query: { deployment } }) => {
    try {
      validateDeployment(model, deployment);
      return true;
    } catch {
      return false;
    }
  });

describe('timeRow', () => {
  it('is, for decode alone, the pass and the prefill of one prompt as long as the context', () => {
    const query = { batch: 32, context: 8192, deployment: singleChip, precision: bf16 };
    const [model, chip] = [modelOf('llama-3.1-8b'), chipOf('h100')];
    const decode = passTime(model, chip, { phase: 'decode', batch: 32, context: 8192 }, query);
    const prefill = passTime(model, chip, { phase: 'prefill', prompts: 1, prompt: 8192 }, query);
    expect(timeRow(model, chip, query)).toMatchObject({
      model: 'llama-3.1-8b',
      accelerator: 'h100',
      chips: 1,
      batch: 32,
      context: 8192,
      prompt: null,
      output: null,
      engine: null,
      tpot: decode.seconds,
      low: decode.low,
      high: decode.high,
      idealSeconds: decode.idealSeconds,
      prefillSeconds: prefill.seconds,
      prefillLow: prefill.low,
      prefillHigh: prefill.high,
      basis: decode.basis,
    });
  });

  it('is, for aggregated serving, that of the serving time, at the context half way through the output', () => {
    const [model, chip, engine] = [modelOf('qwen3-32b'), chipOf('h100'), engineOf('sglang')];
    const [load, options] = [
      { prompt: 2000, output: 257 },
      { deployment: deploy({ tensorParallel: 2 }), precision: w8a8kv16 },
    ];
    const serving = servingTime(model, chip, { ...load, batch: 64 }, options, engine);
    // the context that is given is not used
    for (const context of [1, 100_000]) {
      const row = timeRow(model, chip, { batch: 64, context, load, engine, ...options });
      expect(row).toMatchObject({
        chips: 2,
        context: 2000 + 128,
        prompt: 2000,
        output: 257,
        engine: 'sglang',
        tpot: serving.tpot,
        low: serving.low,
        high: serving.high,
        idealSeconds: serving.idealSeconds,
      });
      expect(row).toMatchObject({ prefillSeconds: serving.prefill.seconds, prefillLow: serving.prefill.low, prefillHigh: serving.prefill.high });
    }
  });

  it('adds the host time of an engine for each sequence, to the expected time and to both ends', () => {
    const [bare, served] = [rowOf('llama-3.1-8b', 'h100'), rowOf('llama-3.1-8b', 'h100', { engine: engineOf('sglang@0.5.6.post2') })];
    const host = 32 * engineOf('sglang@0.5.6.post2').hostSecondsPerSequence;
    expect(host).toBeGreaterThan(0);
    for (const field of ['tpot', 'low', 'high'] as const) expectNear(served[field], bare[field] + host);
    expect(served.engine).toBe('sglang@0.5.6.post2');
    expect(served.prefillSeconds).toBe(bare.prefillSeconds);
    expect(rowOf('llama-3.1-8b', 'h100', { engine: engineOf('sglang') }).engine).toBe('sglang');
  });

  it('is given on whatever was measured or computed, and holds what follows from its own numbers', () =>
    fc.assert(
      fc.property(queries, ({ model, chip, query }) => {
        const row = timeRow(model, chip, query);
        const { batch, deployment } = query;
        expect([row.model, row.accelerator, row.chips, row.batch]).toEqual([model.id, chip.id, chipsOf(deployment), batch]);
        expectNear(row.tokensPerGpuSecond, (batch * deployment.dataParallel) / (row.tpot * row.chips));
        if (row.usdPerMillionTokens !== null) {
          expect(chip.usdPerHour).not.toBeNull();
          // an hour of one chip makes so many tokens
          expectNear(row.usdPerMillionTokens, (1e6 * (chip.usdPerHour as number)) / (3600 * row.tokensPerGpuSecond));
        } else expect([chip.usdPerHour, row.notes.includes(`price: ${chip.id} has none in USD`)]).toEqual([null, true]);
        expectNotLess(row.tpot, row.idealSeconds);
        for (const [low, expected, high] of [
          [row.low, row.tpot, row.high],
          [row.prefillLow, row.prefillSeconds, row.prefillHigh],
        ] as const) {
          expectNotLess(expected, low);
          expectNotLess(high, expected);
        }
        for (const share of [row.mfu, row.mbu]) {
          expect(share).toBeGreaterThan(0);
          expect(share).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 60 },
    ));
});

describe('utilisation', () => {
  it('of Llama-3.1-8B on an H100, 32 requests at 8192: its work over the peak, its weights and cache over the bandwidth', () => {
    const row = rowOf('llama-3.1-8b', 'h100', { precision: bf16 });
    const chip = chipOf('h100');
    const flop = 32 * lowerModel(modelOf('llama-3.1-8b')).reduce((total, { side, repeat, flop: of }) => total + (side === 'vision' ? 0 : repeat * of.evaluate(8192)), 0);
    expectNear(row.mfu, flop / (chip.peak.bf16 * row.tpot));
    // all matrices but the embedding, and 128 KiB of cache a token
    const { embedding } = parameters(modelOf('llama-3.1-8b')).parts;
    const bytes = 2 * (8_030_261_248 - 65 * 4096 - embedding) + 32 * 8192 * 131_072;
    expectNear(row.mbu, bytes / (chip.memoryBandwidth * row.tpot));
  });

  it('takes each kernel at the peak of its own format', () => {
    const [narrow, wide] = [rowOf('llama-3.1-8b', 'h100', { precision: w8a8kv16 }), rowOf('llama-3.1-8b', 'a800', { precision: w8a8kv16 })];
    const of = (chip: string) => [peakFor(chipOf(chip), 'fp8').flopPerSecond, peakFor(chipOf(chip), 'bf16').flopPerSecond] as const;
    // layers' matrices in 8 bit, head and attention in 16
    const model = modelOf('llama-3.1-8b');
    const work = (where: (part: string) => boolean): number => 32 * lowerModel(model).reduce((total, { part, repeat, flop }) => total + (where(part) ? repeat * flop.evaluate(8192) : 0), 0);
    const eight = (part: string): boolean => part === 'linear' || part === 'ffn';
    for (const [row, [fp8, bits16]] of [
      [narrow, of('h100')],
      [wide, of('a800')],
    ] as const)
      expectNear(row.mfu, (work(eight) / fp8 + work((part) => !eight(part)) / bits16) / row.tpot);
  });

  it('is that of the decode step alone, prompts and host aside', () => {
    const load = { prompt: 2048, output: 256 };
    const [aggregated, alone] = [rowOf('qwen3-32b', 'h100', { load, engine: engineOf('sglang') }), rowOf('qwen3-32b', 'h100', { context: 2048 + 128 })];
    expect([aggregated.mfu, aggregated.mbu, aggregated.operators]).toEqual([alone.mfu, alone.mbu, alone.operators]);
    expect(aggregated.tpot).toBeGreaterThan(alone.tpot);
    expect(aggregated.tokensPerGpuSecond).toBeLessThan(alone.tokensPerGpuSecond);
  });

  it('of compute grows with the batch, of memory falls, where matrices are most of the time', () => {
    const at = [1, 32, 512].map((batch) => rowOf('llama-3.1-8b', 'h100', { batch, context: 128 })) as [TimeRow, TimeRow, TimeRow];
    expect(at[0].mfu < at[1].mfu && at[1].mfu < at[2].mfu).toBe(true);
    expect(at[2].mbu).toBeLessThan(at[0].mbu);
    expect([at[0].bound, at[2].bound]).toEqual(['memory', 'compute']);
  });
});

describe('operators', () => {
  it('are the kernels of the decode step, those of one name together, most first', () => {
    const row = rowOf('gpt-oss-120b', 'h100');
    const { parts } = passTime(modelOf('gpt-oss-120b'), chipOf('h100'), { phase: 'decode', batch: 32, context: 8192 }, { deployment: singleChip });
    expect(row.operators.map(({ id }) => id).sort()).toEqual([...new Set(parts.map(({ id }) => id))].sort());
    expect(new Set(parts.map(({ id }) => id)).size).toBeLessThan(parts.length);
    for (const operator of row.operators) {
      const own = parts.filter(({ id }) => id === operator.id);
      expect(operator.runs).toBe(own.reduce((total, { count }) => total + count, 0));
      expectNear(
        operator.seconds,
        own.reduce((total, { seconds }) => total + seconds, 0),
      );
      expectNear(
        operator.idealSeconds,
        own.reduce((total, { idealSeconds }) => total + idealSeconds, 0),
      );
      expect(own.map(({ part }) => part)).toContain(operator.part);
      expect(operator.basis).toBe(own.some(({ estimate }) => estimate.basis === 'assumed') ? 'assumed' : 'measured');
    }
    for (const [at, { seconds }] of row.operators.entries()) if (at > 0) expectNotLess(row.operators[at - 1]?.seconds as number, seconds);
  });

  it('take all of a decode step: shares add up to 1 without overlap', () =>
    fc.assert(
      fc.property(queries, ({ model, chip, query: { batch, context, deployment } }) => {
        const row = timeRow(model, chip, { batch, context, deployment: { ...deployment, overlap: 'none' } });
        expect(sum(row, ({ share }) => share)).toBeCloseTo(1, 12);
        expectNear(
          sum(row, ({ seconds }) => seconds),
          row.tpot,
        );
        for (const { share, seconds } of row.operators) expectNear(share, seconds / row.tpot);
      }),
      { numRuns: 40 },
    ));

  it('that go on behind computation have a share only as far as they are shown', () => {
    const row = rowOf('deepseek-v3', 'h800', { batch: 128, context: 4096, deployment: { ...SPREAD, overlap: 'two-batch' } });
    const shareOf = (id: string): readonly [number, number] => {
      const { share, seconds } = row.operators.find((operator) => operator.id === id) as TimeRow['operators'][number];
      return [share, seconds / row.tpot];
    };
    for (const id of ['dispatch', 'combine']) {
      const [share, all] = shareOf(id);
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(all);
    }
    const [share, all] = shareOf('core');
    expectNear(share, all);
    // what is shown is the longer of both here
    expect(sum(row, (operator) => operator.share)).toBeCloseTo(1, 12);
    expect(sum(row, ({ seconds }) => seconds)).toBeGreaterThan(row.tpot);
  });

  it('say under which bound most of the time is spent', () => {
    const of = (...parts: readonly (readonly ['compute' | 'memory' | 'network', number])[]) => boundOf(parts.map(([bound, seconds]) => ({ bound, seconds })));
    expect(of(['memory', 3], ['compute', 2], ['network', 1])).toBe('memory');
    // two that are less each are more together
    expect(of(['memory', 3], ['compute', 2], ['compute', 2])).toBe('compute');
    expect(of(['network', 5], ['compute', 2], ['memory', 2])).toBe('network');
    expect(rowOf('llama-3.1-8b', 'h100').bound).toBe('memory');
  });
});

describe('price', () => {
  it('of a million tokens is that of the chips while they are made, whatever the replicas', () => {
    const [one, four] = [rowOf('llama-3.1-8b', 'h100'), rowOf('llama-3.1-8b', 'h100', { deployment: deploy({ dataParallel: 4 }) })];
    expect(four.chips).toBe(4);
    expectNear(four.usdPerMillionTokens as number, one.usdPerMillionTokens as number);
    expectNear(one.usdPerMillionTokens as number, ((chipOf('h100').usdPerHour as number) * one.tpot * 1e6) / (3600 * 32));
  });

  it('rises with tensor parallelism, which divides neither launches nor exchanges', () => {
    const [one, eight] = [1, 8].map((tensorParallel) => rowOf('llama-3.1-70b', 'h100', { deployment: deploy({ tensorParallel }) }).usdPerMillionTokens as number) as [number, number];
    expect(eight).toBeGreaterThan(one);
  });

  it('is null where a chip has none, and a note says so', () => {
    const free = { ...chipOf('h100'), usdPerHour: null };
    const row = timeRow(modelOf('llama-3.1-8b'), free, { batch: 32, context: 8192, deployment: singleChip });
    expect(row.usdPerMillionTokens).toBeNull();
    expect(row.notes).toContain('price: h100 has none in USD');
    expect(rowOf('llama-3.1-8b', 'h100').notes.join()).not.toContain('price');
  });
});

describe('notes', () => {
  it('name what was carried from elsewhere and takes 2 % of the time or more', () => {
    expect(rowOf('llama-3.1-8b', 'h100', { precision: bf16 }).notes).toEqual([]);
    const notes = rowOf('llama-3.1-8b', 'l20', { precision: bf16 }).notes;
    expect(notes.some((note) => /^gemm: constants of /.test(note))).toBe(true);
    expect(notes.some((note) => note.startsWith('elementwise'))).toBe(rowOf('llama-3.1-8b', 'l20', { precision: bf16 }).operators.some(({ part, share }) => part === 'elementwise' && share > 0.02));
  });

  it('say of a context beyond the trained one, of aggregated serving the one half way through the output', () => {
    const { maxContext } = modelOf('llama-3.1-8b');
    const note = (context: number): string => `context: ${context} is beyond the trained ${maxContext}`;
    const trained = maxContext as number;
    expect(rowOf('llama-3.1-8b', 'h100', { context: trained }).notes).not.toContain(note(trained));
    expect(rowOf('llama-3.1-8b', 'h100', { context: trained + 1 }).notes).toContain(note(trained + 1));
    expect(rowOf('llama-3.1-8b', 'h100', { context: 1, load: { prompt: trained, output: 2 } }).notes).toContain(note(trained + 1));
  });
});
