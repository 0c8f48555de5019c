import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { csvParse } from 'd3-dsv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Model, modelEntries, modelOf, precisionPolicies } from '../../src/models/index.ts';
import type { CalibrationData } from '../../src/timing/calibration-data.ts';
import { calibration } from '../../src/timing/choice.ts';
import { type Deployment, singleChip, validateDeployment } from '../../src/timing/deployment.ts';
import { kernelEstimate } from '../../src/timing/estimate.ts';
import { wireTime } from '../../src/timing/kernels/expert-exchange.ts';
import { type PassEstimate, type PassOptions, type PassPart, passSeconds, passTime } from '../../src/timing/pass-time.ts';
import { type Pass, stepKernels } from '../../src/timing/step/index.ts';
import { chipOf, expectNear, expectNotLess, networked, sizes } from './support.ts';

const { bf16, w8a8kv16 } = precisionPolicies;
const decode = (batch: number, context: number): Pass => ({ phase: 'decode', batch, context });
const prefill = (prompts: number, prompt: number): Pass => ({ phase: 'prefill', prompts, prompt });
const deploy = (changes: Partial<Deployment>): Deployment => ({ ...singleChip, ...changes });
const timeOf = (id: string, chip: string, pass: Pass, changes: Partial<Deployment> = {}, options: Partial<PassOptions> = {}): PassEstimate =>
  passTime(modelOf(id), chipOf(chip), pass, { deployment: deploy(changes), ...options });
const sum = (parts: readonly PassPart[], of: (part: PassPart) => number): number => parts.reduce((total, part) => total + of(part), 0);
const partOf = ({ parts }: PassEstimate, id: string): PassPart => parts.find((part) => part.id === id) as PassPart;

/** Models over one to many chips, experts over links or not, halves overlapped or not. */
const deployed = fc
  .record({
    model: fc.constantFrom(...modelEntries.map(({ model }) => model)),
    tensorParallel: fc.constantFrom(1, 2, 8),
    dataParallel: fc.constantFrom(1, 4, 16),
    expertParallel: fc.constantFrom(1, 4, 16),
    pipelineParallel: fc.constantFrom(1, 2),
    overlap: fc.constantFrom('none' as const, 'two-batch' as const),
  })
  .map(({ model, ...changes }) => ({ model, deployment: deploy(changes) }))
  .filter(({ model, deployment }) => {
    try {
      validateDeployment(model, deployment);
      return true;
    } catch {
      return false;
    }
  });
const passes = fc.oneof(
  fc.tuple(sizes(512), sizes(50_000)).map(([batch, context]) => decode(batch, context)),
  fc.tuple(sizes(4), sizes(20_000)).map(([prompts, prompt]) => prefill(prompts, prompt)),
);
const anyChip = fc.constantFrom(...networked);

describe('passTime', () => {
  it('is the sum of its parts, each as often as it runs', () => {
    const model = modelOf('llama-3.1-8b');
    const { parts, seconds, idealSeconds } = passTime(model, chipOf('h100'), decode(64, 1000), { deployment: singleChip });
    const runs = stepKernels(model, decode(64, 1000), { deployment: singleChip });
    expect(parts.map(({ id, part, kernel, count }) => ({ id, part, kernel, count }))).toEqual(runs);
    for (const { kernel, count, ...part } of parts) {
      const estimate = kernelEstimate(kernel, chipOf('h100'), { launch: 'graph', power: 'burst' });
      expect(part).toMatchObject({ estimate, seconds: count * estimate.seconds, idealSeconds: count * estimate.idealSeconds, hidden: 0 });
    }
    expectNear(
      seconds,
      sum(parts, (part) => part.seconds),
    );
    expectNear(
      idealSeconds,
      sum(parts, (part) => part.idealSeconds),
    );
  });

  it('is not below its roofline bound, in an interval that has both of its ends on their sides', () =>
    fc.assert(
      fc.property(deployed, passes, anyChip, ({ model, deployment }, pass, chip) => {
        const { seconds, idealSeconds, low, high, parts } = passTime(model, chip, pass, { deployment });
        expectNotLess(seconds, idealSeconds);
        expect(low).toBeGreaterThanOrEqual(idealSeconds);
        expect(low).toBeLessThanOrEqual(seconds * (1 + 1e-12));
        expect(seconds).toBeLessThanOrEqual(high);
        expect(low).toBeLessThan(high);
        for (const part of parts) expectNotLess(part.seconds, part.idealSeconds, `${part.id}: `);
      }),
      { numRuns: 60 },
    ));

  it.each(modelEntries.map(({ model }) => model))('of $id is finite at every length, even where a token attends nothing yet', (model) => {
    for (const length of [1, 2, 3, 4, 5, 64, 127, 128, 129])
      for (const pass of [decode(3, length), prefill(2, length)]) {
        const { seconds, low, high, idealSeconds } = passTime(model, chipOf('h800'), pass, { deployment: singleChip });
        for (const time of [seconds, low, high, idealSeconds]) expect(Number.isFinite(time) && time > 0, `${pass.phase} ${length}: ${time}`).toBe(true);
      }
  });

  it('is the same each time, interval and all', () =>
    fc.assert(
      fc.property(deployed, passes, anyChip, ({ model, deployment }, pass, chip) => {
        expect(passTime(model, chip, pass, { deployment })).toEqual(passTime(model, chip, pass, { deployment }));
      }),
      { numRuns: 10 },
    ));

  it('has a bound that grows with batch, context and prompt', () =>
    fc.assert(
      fc.property(fc.constantFrom('llama-3.1-8b', 'gpt-oss-120b', 'deepseek-v3', 'qwen3-next-80b-a3b'), sizes(256), sizes(50_000), sizes(1000), (id, few, short, more) => {
        const ideal = (pass: Pass): number => timeOf(id, 'h100', pass).idealSeconds;
        expectNotLess(ideal(decode(few + more, short)), ideal(decode(few, short)));
        expectNotLess(ideal(decode(few, short + more)), ideal(decode(few, short)));
        expectNotLess(ideal(prefill(1, short + more)), ideal(prefill(1, short)));
      }),
      { numRuns: 20 },
    ));

  it('has, on one chip, a bound of at least all weights and the cache over the bandwidth', () => {
    const bytes = 2 * (8_030_261_248 - 65 * 4096 - 128_256 * 4096) + 32 * 8192 * 131_072;
    expect(timeOf('llama-3.1-8b', 'h100', decode(32, 8192)).idealSeconds).toBeGreaterThan(bytes / 3.35e12);
    // queries, outputs and hidden states are under a tenth of it
    expect(timeOf('llama-3.1-8b', 'h100', decode(32, 8192)).idealSeconds).toBeLessThan((1.1 * bytes) / 3.35e12);
  });

  it('falls with tensor parallelism where matrices are large: Llama-3.1-70B, 128 requests', () => {
    const times = [1, 2, 4, 8].map((tensorParallel) => timeOf('llama-3.1-70b', 'h100', decode(128, 4096), { tensorParallel }));
    for (const [i, { seconds }] of times.entries()) if (i > 0) expect(seconds).toBeLessThan((times[i - 1] as PassEstimate).seconds);
    // exchanges and launches are not split: eight chips are less than eight times as fast
    const [one, eight] = [times[0], times[3]] as [PassEstimate, PassEstimate];
    expect(8 * eight.seconds).toBeGreaterThan(one.seconds);
  });

  it('takes the same in replicas that exchange nothing', () =>
    expect(timeOf('llama-3.1-8b', 'h100', decode(8, 1000), { dataParallel: 4 }).seconds).toBe(timeOf('llama-3.1-8b', 'h100', decode(8, 1000)).seconds));

  it('multiplies in the precision that is asked for', () => {
    const [wide, narrow] = [bf16, w8a8kv16].map((precision) => timeOf('llama-3.1-8b', 'h100', decode(1, 1000), {}, { precision })) as [PassEstimate, PassEstimate];
    expect(narrow.seconds).toBeLessThan(wide.seconds);
    expect(partOf(narrow, 'gate-up').kernel).toMatchObject({ math: 'fp8' });
    expect(timeOf('llama-3.1-8b', 'h100', decode(1, 1000)).seconds).toBe(wide.seconds);
  });
});

describe('passSeconds', () => {
  it('is the time and the bound of passTime, whatever the pass, the chip and the options', () =>
    fc.assert(
      fc.property(
        deployed,
        passes,
        anyChip,
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom<Partial<PassOptions>>({}, { launch: 'host' }, { power: 'sustained' }, { precision: w8a8kv16 }),
        ({ model, deployment }, pass, chip, queries, more) => {
          const options = { deployment, ...more, ...(pass.phase === 'decode' ? { queries } : {}) };
          const { seconds, idealSeconds } = passTime(model, chip, pass, options);
          expect(passSeconds(model, chip, pass, options)).toEqual({ seconds, idealSeconds });
        },
      ),
      { numRuns: 60 },
    ));

  it('of a batch in halves is that of both, alike or not', () => {
    const at = (batch: number, overlap: Deployment['overlap']): number =>
      passSeconds(modelOf('deepseek-v3'), chipOf('h800'), decode(batch, 4096), { deployment: deploy({ dataParallel: 16, expertParallel: 16, overlap }) }).seconds;
    for (const batch of [64, 65]) {
      const { seconds, parts } = timeOf('deepseek-v3', 'h800', decode(batch, 4096), { dataParallel: 16, expertParallel: 16, overlap: 'two-batch' });
      expect(at(batch, 'two-batch')).toBe(seconds);
      expect(new Set(parts.filter(({ id }) => id === 'core').map(({ kernel }) => (kernel.kind === 'decode-attention' ? kernel.batch : 0)))).toEqual(
        new Set([Math.ceil(batch / 2), Math.floor(batch / 2)]),
      );
    }
    expect(at(1, 'two-batch')).toBe(at(1, 'none'));
  });

  it('of more query tokens a step is no less, and less than that many steps', () => {
    const at = (queries: number): number => passSeconds(modelOf('llama-3.1-8b'), chipOf('h100'), decode(64, 4096), { deployment: singleChip, queries }).seconds;
    for (const queries of [2, 3, 4]) {
      expect(at(queries)).toBeGreaterThan(at(queries - 1));
      expect(at(queries)).toBeLessThan(queries * at(1));
    }
  });
});

describe('launch and power', () => {
  it('are a graph at full power in decode, a graph at the sustained clock in prefill, unless given', () => {
    for (const [pass, power, other] of [
      [decode(64, 1000), 'burst', 'sustained'],
      [prefill(4, 4096), 'sustained', 'burst'],
    ] as const) {
      const { seconds } = timeOf('llama-3.1-8b', 'h100', pass);
      expect(timeOf('llama-3.1-8b', 'h100', pass, {}, { launch: 'graph', power }).seconds).toBe(seconds);
      expect(timeOf('llama-3.1-8b', 'h100', pass, {}, { launch: 'graph', power: other }).seconds).not.toBe(seconds);
    }
  });

  it('cost more from the host and at the sustained clock', () => {
    const time = (options: Partial<PassOptions>): number => timeOf('qwen3-8b', 'h20', prefill(4, 4096), {}, options).seconds;
    expect(time({ launch: 'host' })).toBeGreaterThan(time({ launch: 'graph' }));
    const h100 = (power: 'burst' | 'sustained'): number => timeOf('llama-3.1-8b', 'h100', prefill(4, 4096), {}, { power }).seconds;
    expect(h100('sustained')).toBeGreaterThan(h100('burst'));
  });
});

describe('two halves of a batch', () => {
  const spread = { dataParallel: 32, expertParallel: 32 } as const;
  const overlapped = { ...spread, overlap: 'two-batch' } as const;
  const v3 = (pass: Pass, changes: Partial<Deployment> = overlapped): PassEstimate => timeOf('deepseek-v3', 'h800', pass, changes);

  it('run the kernels of both halves of the requests, the first with one more where they are odd', () => {
    for (const [pass, parts] of [
      [decode(128, 4096), [decode(64, 4096), decode(64, 4096)]],
      [decode(5, 4096), [decode(3, 4096), decode(2, 4096)]],
      [prefill(3, 1000), [prefill(2, 1000), prefill(1, 1000)]],
    ] as const) {
      const runs = parts.flatMap((part) => stepKernels(modelOf('deepseek-v3'), part, { deployment: deploy(overlapped) }));
      expect(v3(pass).parts.map(({ id, kernel, count }) => ({ id, kernel, count }))).toEqual(runs.map(({ id, kernel, count }) => ({ id, kernel, count })));
    }
  });

  it('are not halves where there is one request', () => {
    for (const pass of [decode(1, 4096), prefill(1, 4096)]) expect(v3(pass).seconds).toBe(v3(pass, spread).seconds);
  });

  it('hide exchanges with experts alone: in decode what the links take, in prefill all', () => {
    for (const pass of [decode(128, 4096), prefill(4, 4096)])
      for (const { kernel, hidden, estimate } of v3(pass).parts) {
        if (kernel.kind !== 'expert-exchange') expect(hidden).toBe(0);
        else if (pass.phase === 'prefill') expect(hidden).toBe(1);
        else {
          const { linkShare, networkShare } = estimate.choice.constants as { linkShare: number; networkShare: number };
          expectNear(hidden * estimate.seconds, wireTime(kernel, chipOf('h800'), { linkShare, networkShare }));
          expect(hidden).toBeGreaterThan(0);
          expect(hidden).toBeLessThan(1);
        }
      }
  });

  it('take the longer of what is shown and what is hidden', () => {
    for (const pass of [decode(128, 4096), decode(2, 4096), prefill(4, 4096)]) {
      const { seconds, parts } = v3(pass);
      const [shown, hidden] = [sum(parts, (part) => part.seconds * (1 - part.hidden)), sum(parts, (part) => part.seconds * part.hidden)];
      expect(hidden).toBeGreaterThan(0);
      expectNear(seconds, Math.max(shown, hidden));
    }
  });

  it('are never faster than half of their parts in a row, and never slower than all', () =>
    fc.assert(
      fc.property(deployed, passes, anyChip, ({ model, deployment }, pass, chip) => {
        const { seconds, parts } = passTime(model, chip, pass, { deployment: { ...deployment, overlap: 'two-batch' } });
        const row = sum(parts, (part) => part.seconds);
        expectNotLess(seconds, row / 2);
        expectNotLess(row, seconds);
      }),
      { numRuns: 40 },
    ));

  it('are one whole where nothing is exchanged with experts: dense models, experts on the chips of one replica, one chip', () => {
    for (const [id, changes] of [
      ['llama-3.1-8b', {}],
      ['llama-3.1-8b', { tensorParallel: 8, dataParallel: 4, pipelineParallel: 2 }],
      ['deepseek-v3', {}],
      ['deepseek-v3', { tensorParallel: 8, expertParallel: 8 }],
      ['deepseek-v3', { dataParallel: 8 }],
    ] as const)
      for (const pass of [decode(64, 1000), prefill(4, 1000)]) expect(timeOf(id, 'h800', pass, { ...changes, overlap: 'two-batch' })).toEqual(timeOf(id, 'h800', pass, changes));
  });

  it('pay where exchanges are long', () => expect(v3(decode(256, 4096)).seconds).toBeLessThan(v3(decode(256, 4096), spread).seconds));

  it('set compute units aside for exchanges in prefill, not in decode', () => {
    const [whole, cut] = [v3(prefill(2, 4096), spread), v3(prefill(4, 4096))];
    // two halves of two prompts, against two prompts
    for (const id of ['query-up', 'output', 'routed-gate-up', 'core']) expect(partOf(cut, id).seconds, id).toBeGreaterThan(partOf(whole, id).seconds);
    const [all, half] = [v3(decode(64, 4096), spread), v3(decode(128, 4096))];
    for (const id of ['query-up', 'output', 'routed-gate-up', 'core']) expectNear(partOf(half, id).seconds, partOf(all, id).seconds);
  });

  it.each([
    ['h800', 132, 20],
    ['h20', 78, 12],
    ['a800', 108, 16],
    ['ascend-910b', 20, 3],
  ] as const)('set aside, of the %s with %i compute units, %i: 20 of 132', (id, units, reservedUnits) => {
    const chip = chipOf(id);
    expect(chip.computeUnits).toBe(units);
    for (const { kernel, estimate } of timeOf('deepseek-v3', id, prefill(4, 4096), overlapped).parts)
      expect(estimate).toEqual(kernelEstimate(kernel, chip, { launch: 'graph', power: 'sustained', reservedUnits }));
  });
});

describe('the interval of a pass', () => {
  /** A calibration in which every kernel of the H100 was measured without error, and whole passes were off by some factors. */
  const exact = (passesOff: readonly number[]): CalibrationData => ({
    ...calibration,
    entries: calibration.entries.map((entry) => ({ ...entry, accelerators: ['h100'], mathBits: null, points: Math.max(1, entry.points), residuals: [[0]] })),
    passes: { ...calibration.passes, groups: passesOff.length === 0 ? [] : [{ id: 'test', residuals: passesOff.map(Math.log) }] },
  });
  const timed = (data: CalibrationData): PassEstimate => timeOf('llama-3.1-8b', 'h100', decode(64, 4096), {}, { data });

  it('is nothing where nothing was off', () => {
    const { low, high, seconds } = timed(exact([]));
    expectNear(low, seconds);
    expectNear(high, seconds);
  });

  it('reaches most of the way that whole passes were off, to either side, whether those were slower or faster', () => {
    for (const factor of [1.1, 1 / 1.1]) {
      const { low, high, seconds } = timed(exact([factor]));
      for (const way of [high / seconds, seconds / low]) {
        expect(way).toBeGreaterThan(1.1 ** 0.7);
        expect(way).toBeLessThan(1.1 ** 0.9);
      }
    }
  });

  it('is narrower where only some of the passes were off', () => {
    const width = ({ low, high }: PassEstimate): number => high / low;
    expect(width(timed(exact([1.1, 1, 1])))).toBeLessThan(width(timed(exact([1.1]))));
  });

  it('ends at the roofline bound, however far passes were off', () => {
    const { low, high, seconds, idealSeconds } = timed(exact([100]));
    expect(low).toBe(idealSeconds);
    expect(high).toBeGreaterThan(10 * seconds);
  });

  it('has the expected time in it even where all kernels took longer, or less', () => {
    const off = (residual: number): PassEstimate => {
      const data = exact([]);
      return timed({ ...data, entries: data.entries.map((entry) => ({ ...entry, residuals: [[residual]] })) });
    };
    const [late, early] = [off(0.2), off(-0.05)];
    expect(late.low).toBe(late.seconds);
    expectNear(late.high, late.seconds * Math.exp(0.2));
    expectNear(early.low, Math.max(early.idealSeconds, early.seconds * Math.exp(-0.05)));
    expect(early.high).toBe(early.seconds);
  });

  it('widens where constants were carried from another chip', () => {
    const width = ({ low, high }: PassEstimate): number => Math.log(high / low);
    const carried = passTime(modelOf('llama-3.1-8b'), { ...chipOf('h100'), id: 'another' }, decode(64, 4096), { deployment: singleChip, data: exact([]) });
    expect(width(timed(exact([])))).toBeCloseTo(0, 9);
    expect(width(carried)).toBeGreaterThan(0.1);
  });

  it('widens with the errors of kernels', () => {
    const data = exact([]);
    const off = { ...data, entries: data.entries.map((entry) => ({ ...entry, residuals: [[-0.2, 0.2]] })) };
    const { low, high, seconds } = timed(off);
    expect(low).toBeLessThan(seconds);
    expect(high).toBeGreaterThan(seconds);
    // no kernel is further off than that, so neither is a sum of them
    expectNotLess(low, seconds * Math.exp(-0.2));
    expectNotLess(seconds * Math.exp(0.2), high);
  });
});

describe('the basis of a pass', () => {
  it('is measured for Llama-3.1-8B on an H100, assumed on an L20', () => {
    expect(timeOf('llama-3.1-8b', 'h100', decode(1, 1024)).basis).toBe('measured');
    expect(timeOf('llama-3.1-8b', 'l20', decode(1, 1024)).basis).toBe('assumed');
  });

  it('is measured where every part of a tenth of the time or more is', () =>
    fc.assert(
      fc.property(deployed, passes, anyChip, ({ model, deployment }, pass, chip) => {
        const { parts, seconds, basis } = passTime(model, chip, pass, { deployment });
        const major = parts.filter((part) => part.seconds >= 0.1 * seconds);
        expect(basis).toBe(major.some(({ estimate }) => estimate.basis === 'assumed') ? 'assumed' : 'measured');
      }),
      { numRuns: 40 },
    ));
});

it('a model of one layer takes no more than the same model of two', () => {
  const model = modelOf('llama-3.1-8b');
  const [group] = model.layers as [Model['layers'][number]];
  const time = (count: number): number => passTime({ ...model, layers: [{ ...group, count }] }, chipOf('h100'), decode(8, 1000), { deployment: singleChip }).seconds;
  expectNear(time(2) - time(1), (time(32) - time(2)) / 30);
  expect(time(2)).toBeGreaterThan(time(1));
});

const STEPS = resolve(import.meta.dirname, '../../../shared/measured/h100-decode-steps-2026-11.csv');
if (!existsSync(STEPS)) it.skip('../shared/measured is not on this machine: measured decode steps of an H100 are not compared', () => undefined);
else
  describe('decode steps of Llama-3.1-8B on an H100, measured 2026-11-23', () => {
    const rows = csvParse(readFileSync(STEPS, 'utf8'));
    const off = rows.map(
      ({ batch, context, median_ms: median }) => (1000 * timeOf('llama-3.1-8b', 'h100', decode(Number(batch), Number(context)), {}, { precision: bf16 }).seconds) / Number(median) - 1,
    );

    it('are nine of Llama-3.1-8B in 16 bit', () => expect(rows.map(({ model, dtype }) => `${model} ${dtype}`)).toEqual(Array(9).fill('llama-3.1-8b bf16')));
    it('are predicted within 10 % on average', () => expect(off.reduce((total, each) => total + Math.abs(each), 0) / off.length).toBeLessThanOrEqual(0.1));
  });
