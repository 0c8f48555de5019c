import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvParse } from 'd3-dsv';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { modelOf, precisionPolicies } from '../../../src/models/index.ts';
import { planOf, type SplitCase, splitCases } from '../../../src/papers/afd/cases.ts';
import { bestColocated } from '../../../src/serving/afd/colocated.ts';
import { type ContextMix, contextMix, logNormalMix, oneContext } from '../../../src/serving/afd/contexts.ts';
import { type AfdPlanner, afdPlanner, STAGES } from '../../../src/serving/afd/plan.ts';
import { answerRow, colocatedRow, planRow } from '../../../src/serving/afd/row.ts';
import { attentionInstancesFor } from '../../../src/serving/afd/scaling.ts';
import { type AfdScenario, afdDefaults } from '../../../src/serving/afd/scenario.ts';
import { searchAfd } from '../../../src/serving/afd/search.ts';
import { splitModel } from '../../../src/serving/afd/split-model.ts';
import { LAYOUTS } from '../../../src/serving/afd/stage-times.ts';
import { chipOf } from '../../timing/support.ts';
import { cli, json } from '../support.ts';

const seconds = z.number().nonnegative();
const positive = z.number().positive();
const count = z.int().positive();
/** What `afd --help` says of its JSON. */
const row = z.strictObject({
  model: z.string(),
  kind: z.enum(['disaggregated', 'colocated']),
  attentionChip: z.string(),
  ffnChip: z.string(),
  deployment: z.string().nullable(),
  chips: count.nullable(),
  tensorParallel: count.nullable(),
  layout: z.enum(LAYOUTS).nullable(),
  requests: count.nullable(),
  microBatch: count.nullable(),
  batch: count.nullable(),
  tpot: positive.nullable(),
  low: positive.nullable(),
  high: positive.nullable(),
  tokensPerGpuSecond: positive.nullable(),
  usdPerMillionTokens: positive.nullable(),
  binding: z.string().nullable(),
  pace: z.enum([...STAGES, 'latency']).nullable(),
  stages: z.strictObject({ attention: seconds, dispatch: seconds, gather: seconds, ffn: seconds, scatter: seconds, combine: seconds }).nullable(),
  attentionBytes: positive.nullable(),
  attentionUsableBytes: positive.nullable(),
  ffnBytes: positive.nullable(),
  ffnUsableBytes: positive.nullable(),
  basis: z.enum(['measured', 'assumed']).nullable(),
  infeasible: z.string().nullable(),
  tpotTarget: positive.nullable(),
  context: count,
  notes: z.array(z.string()),
});
type Row = z.infer<typeof row>;
/** A row that has a deployment. */
type Planned = { readonly [K in keyof Row]: K extends 'usdPerMillionTokens' | 'binding' | 'pace' | 'layout' | 'stages' | 'infeasible' | 'tpotTarget' ? Row[K] : NonNullable<Row[K]> };

const many = async (...argv: readonly string[]): Promise<readonly Row[]> => z.array(row).parse(await json('afd', ...argv));
async function one(...argv: readonly string[]): Promise<Planned & { readonly stages: NonNullable<Row['stages']> }> {
  const rows = await many(...argv);
  expect(rows.length).toBe(1);
  expect(rows[0]?.stages).not.toBeNull();
  return rows[0] as Planned & { readonly stages: NonNullable<Row['stages']> };
}

const plannerOf = (id: string, contexts: ContextMix, changes: Partial<AfdScenario> = {}): AfdPlanner => afdPlanner(splitModel(modelOf(id)), { ...afdDefaults, ...changes, contexts });
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
/** Fields of a row that only what was asked for explains. */
const answered = ({ tpotTarget: _, context: __, notes: ___, ...rest }: Row): unknown => rest;
const pairOf = ({ kind, attentionChip, ffnChip }: Row): string => `${kind} ${attentionChip} ${ffnChip}`;

/** The row of Table 8 of arXiv:2507.19427v1 on 2A2F. */
const TABLE_8 = ['--accelerators', 'h800', '--deployment', '2A2F', '--requests', '128', '--contexts', '4K', '--precision', 'w8a8kv8'];
const SMALL = ['--contexts', '4K', '--max-instances', '3'];

/** The column of the table of plans, a row behind the other. */
const limitedBy = (out: string): readonly (string | undefined)[] =>
  out
    .split('\n')
    .map((line) => line.trimEnd().split(/ {2,}/))
    .filter((cells) => cells.length > 10 && ['measured', 'assumed', '–'].includes(cells.at(-1) as string))
    .map((cells) => cells.at(-2));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenroof-afd-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
async function override(content: unknown): Promise<readonly string[]> {
  const path = join(folder, 'override.json');
  await writeFile(path, JSON.stringify(content));
  return ['--override', path];
}

describe('afd --help', () => {
  it('says which fields a row has, and which a stage', async () => {
    const { code, out } = await cli('afd', '--help');
    expect(code).toBe(0);
    const [, named = ''] = out.match(/an array of \{([\s\S]*?)\};/) ?? [];
    const [stages = '', stage = ''] = named.match(/stages: \{([^}]*)\}/) ?? [];
    const fields = named.replace(stages, 'stages').replace(/: (?:"\w+"|\w+(?:\[\])?)(?: \| (?:"\w+"|\w+))*/g, '');
    expect(fields.split(/[\s,]+/)).toEqual(Object.keys(row.shape));
    expect(stage.split(', ')).toEqual(STAGES);
  });

  it('has examples that run', async () => {
    const { out } = await cli('afd', '--help');
    const examples = [...out.matchAll(/^ +\$ tokenroof (afd .*)$/gm)].map(([, argv = '']) => argv.split(' '));
    expect(examples.length).toBeGreaterThanOrEqual(4);
    for (const argv of examples) {
      const { code, out: printed, err } = await cli(...argv);
      expect(code, argv.join(' ')).toBe(0);
      // what is said of long work is no error
      expect(err, argv.join(' ')).toMatch(/^(afd: \S+ at \S+( within \S+ ms, attention on \S+)?, \d+ of \d+\n)*$/);
      expect(printed, argv.join(' ')).toMatch(/^model/m);
    }
  });
});

describe('afd', () => {
  let asked: Promise<readonly Row[]> | null = null;
  const defaults = (): Promise<readonly Row[]> => {
    asked ??= many();
    return asked;
  };

  it('is Step-3 on H800 and H20 at 8K within 50 ms unless said otherwise: each pair of chips, and each chip alone', async () => {
    const rows = await defaults();
    expect(rows).toEqual(await many('--models', 'step-3', '--accelerators', 'h800,h20', '--contexts', '8192', '--tpot', '50', '--objective', 'cost', '--precision', 'paper', '--spread', '0'));
    expect(rows.map(pairOf).sort()).toEqual(['colocated h20 h20', 'colocated h800 h800', 'disaggregated h20 h20', 'disaggregated h20 h800', 'disaggregated h800 h20', 'disaggregated h800 h800']);
    for (const { context, tpotTarget, notes, infeasible } of rows) expect([context, tpotTarget, notes, infeasible]).toEqual([8192, 0.05, ['precision: paper'], null]);
  });

  it('holds in every row: counts, intervals, memory and money add up', async () => {
    for (const each of [...(await defaults()), ...(await many('--models', 'deepseek-v3,qwen3-32b', ...SMALL))]) {
      const where = `${each.model}, ${pairOf(each)}`;
      expect(each.infeasible, where).toBeNull();
      const { kind, chips, tensorParallel, requests, microBatch, batch, tpot, low, high, tokensPerGpuSecond, usdPerMillionTokens, tpotTarget, ...of } = each as Planned;
      expect(tpot, where).toBeLessThanOrEqual(tpotTarget as number);
      expect(low <= tpot && tpot <= high, where).toBe(true);
      expect(of.attentionBytes <= of.attentionUsableBytes && of.ffnBytes <= of.ffnUsableBytes, where).toBe(true);
      expect(batch, where).toBe(kind === 'colocated' ? microBatch : 3 * microBatch);
      expect(tokensPerGpuSecond / (batch / tpot / chips), where).toBeCloseTo(1, 9);
      const [attentionInstances, ffnInstances] = kind === 'colocated' ? [chips / 8, 0] : (/^(\d+)A(\d+)F$/.exec(of.deployment) ?? []).slice(1).map(Number);
      expect(8 * ((attentionInstances as number) + (ffnInstances as number)), where).toBe(chips);
      expect(microBatch, where).toBe((requests * (attentionInstances as number) * 8) / tensorParallel);
      const perHour = 8 * ((attentionInstances as number) * (chipOf(of.attentionChip).usdPerHour as number) + (ffnInstances as number) * (chipOf(of.ffnChip).usdPerHour as number));
      expect((usdPerMillionTokens as number) / ((perHour / 3600 / (batch / tpot)) * 1e6), where).toBeCloseTo(1, 9);
      expect([of.layout === null, of.pace === null, of.stages === null], where).toEqual(Array.from({ length: 3 }, () => kind === 'colocated'));
      expect(of.binding, where).not.toBeNull();
    }
  });

  it('is what the library finds', async () => {
    const chips = [chipOf('h20'), chipOf('h800')];
    const planner = plannerOf('deepseek-v3', oneContext(4096));
    const expected = [
      ...searchAfd(planner, { attentionChips: chips, ffnChips: chips, tpot: 0.06, maxInstances: 4, objective: 'throughput' }).map((answer) => answerRow('deepseek-v3', answer)),
      ...chips.map((chip) => colocatedRow('deepseek-v3', chip.id, bestColocated(planner.split, planner.scenario, chip, 0.06))),
    ];
    const rows = await many('--models', 'deepseek-v3', '--accelerators', 'h20,h800', '--contexts', '4K', '--tpot', '60', '--max-instances', '4', '--objective', 'throughput');
    expect(rows.length).toBe(6);
    for (const each of expected) expect(rows.map(answered)).toContainEqual(plain(each));
  });

  it('gives the library its scenario, option by option', async () => {
    const scenario: Partial<AfdScenario> = {
      microBatches: 4,
      times: 'ideal',
      nicShare: 0.7,
      routing: 'routed',
      expertLoad: { kind: 'power-law', exponent: 0.4 },
      draftTokens: 2,
      acceptance: 0.6,
      memoryShare: 0.85,
    };
    const planner = plannerOf('deepseek-v3', oneContext(4096), scenario);
    const [answer] = searchAfd(planner, { attentionChips: [chipOf('h20')], ffnChips: [chipOf('h800')], tpot: 0.05, maxInstances: 4, objective: 'cost' });
    const options = [
      '--micro-batches',
      '4',
      '--times',
      'ideal',
      '--nic-share',
      '0.7',
      '--routing',
      'routed',
      '--expert-load',
      'power-law:0.4',
      '--draft-tokens',
      '2',
      '--acceptance',
      '0.6',
      '--memory-share',
      '.85',
    ];
    const rows = await many('--models', 'deepseek-v3', '--attention', 'h20', '--ffn', 'h800', '--contexts', '4K', '--max-instances', '4', ...options);
    expect(answer?.plan).not.toBeNull();
    expect(rows.map(answered)).toContainEqual(plain(answerRow('deepseek-v3', answer as NonNullable<typeof answer>)));
    for (const chip of ['h20', 'h800']) expect(rows.map(answered)).toContainEqual(plain(colocatedRow('deepseek-v3', chip, bestColocated(planner.split, planner.scenario, chipOf(chip), 0.05))));
  });

  it('says of long work which model, context, time and attention chip it is at', async () => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 3000;
      return now;
    });
    try {
      const { code, err } = await cli('afd', '--models', 'qwen3-32b', '--attention', 'h800,h20', '--ffn', 'h20', '--contexts', '4K,8K', '--tpot', '50,70.5', '--max-instances', '1');
      const steps = ['4K', '8K'].flatMap((context) => ['50', '70.5'].flatMap((tpot) => ['h800', 'h20'].map((chip) => `afd: qwen3-32b at ${context} within ${tpot} ms, attention on ${chip}`)));
      expect([code, err]).toEqual([0, steps.map((step, at) => `${step}, ${at + 1} of 8\n`).join('')]);
      const { err: timed } = await cli('afd', '--accelerators', 'h800', '--deployment', '2A2F', '--requests', '64', '--contexts', '4K,8K', '--tpot', '50,40');
      expect(timed).toBe('afd: step-3 at 4K, 1 of 2\nafd: step-3 at 8K, 2 of 2\n');
    } finally {
      clock.mockRestore();
    }
  });

  it('takes chips of either side apart, and compares with each of them alone', async () => {
    const rows = await many('--attention', 'h20', '--ffn', 'h800,h100', ...SMALL);
    expect(rows.map(pairOf).sort()).toEqual(['colocated h100 h100', 'colocated h20 h20', 'colocated h800 h800', 'disaggregated h20 h100', 'disaggregated h20 h800']);
  });

  it('has rows of each model, context and time together, in the order in which they were asked for', async () => {
    const rows = await many('--models', 'qwen3-32b,step-3', '--accelerators', 'h20', '--contexts', '8K,4K', '--tpot', '50,30', '--max-instances', '2');
    expect(rows.filter(({ kind }) => kind === 'colocated').map(({ model, context, tpotTarget }) => [model, context, tpotTarget])).toEqual(
      ['qwen3-32b', 'step-3'].flatMap((model) => [8192, 4096].flatMap((context) => [0.05, 0.03].map((tpot) => [model, context, tpot]))),
    );
    expect(rows.map(({ model, context, tpotTarget }) => `${model} ${context} ${tpotTarget}`)).toEqual(
      rows.flatMap(({ kind, model, context, tpotTarget }) => (kind === 'colocated' ? Array.from({ length: 2 }, () => `${model} ${context} ${tpotTarget}`) : [])),
    );
  });

  it('has the best first, those without a price behind, those that are infeasible last', async () => {
    for (const objective of ['cost', 'throughput'] as const) {
      const rows = await many('--accelerators', 'l20,l4,h20', ...SMALL, '--objective', objective);
      expect(rows.length).toBe(12);
      const feasible = rows.filter(({ infeasible }) => infeasible === null) as readonly Planned[];
      expect(rows.slice(0, feasible.length)).toEqual(feasible);
      expect([feasible.length > 0, feasible.length < rows.length, feasible.some(({ usdPerMillionTokens }) => usdPerMillionTokens === null)]).toEqual([true, true, true]);
      const rank = ({ usdPerMillionTokens, tokensPerGpuSecond }: Planned): number => (objective === 'cost' ? (usdPerMillionTokens ?? Number.MAX_VALUE) : -tokensPerGpuSecond);
      expect(feasible.map(rank)).toEqual(feasible.map(rank).sort((a, b) => a - b));
      for (const { attentionChip, ffnChip, usdPerMillionTokens } of feasible) expect(usdPerMillionTokens === null).toBe([attentionChip, ffnChip].includes('l20'));
    }
  });

  it('says of what is infeasible which constraint is broken, and by how much', async () => {
    const late = await many('--tpot', '1', '--max-instances', '2');
    expect(late.length).toBe(6);
    for (const each of late) {
      expect(each.infeasible, pairOf(each)).toMatch(
        each.kind === 'colocated' ? /^tpot: .* \d+\.\d ms of 1\.0 ms .*: \d+ % too much$/ : /^(attention|ffn): .* \d+\.\d ms of 1\.0 ms on h\d+: \d+ % too much$/,
      );
      const { model, kind, attentionChip, ffnChip, infeasible, tpotTarget, context, notes, ...rest } = each;
      expect([model, context, tpotTarget]).toEqual(['step-3', 8192, 1e-3]);
      for (const [field, value] of Object.entries(rest)) expect(value, field).toBeNull();
    }
    const large = await many('--models', 'deepseek-v3', '--accelerators', 'l4', ...SMALL);
    expect(large.map(({ infeasible }) => infeasible)).toEqual(large.map(() => expect.stringMatching(/memory: .* \d+\.\d GB .*, 23\.2 GB can be used: \d+ % too much$/) as unknown));
  });

  it('is Table 8 of the Step-3 paper with --deployment', async () => {
    const at = await one(...TABLE_8);
    const plan = planOf(splitCases[1] as SplitCase, 'expert');
    expect(answered(at as Row)).toEqual(plain(planRow('step-3', plan, null)));
    expect([at.deployment, at.requests, at.microBatch, at.batch, at.tpotTarget, at.notes]).toEqual(['2A2F', 128, 2048, 6144, null, ['precision: w8a8kv8']]);
    const split = await one(...TABLE_8, '--layout', 'tensor');
    expect(answered(split as Row)).toEqual(plain(planRow('step-3', planOf(splitCases[1] as SplitCase, 'tensor'), null)));
    expect(await many(...TABLE_8, '--deployment', '2a2f')).toEqual([at]);
  });

  it('times a deployment on each pair of chips, in their order', async () => {
    const rows = await many('--accelerators', 'h800,h20', '--deployment', '1A1F', '--requests', '16', '--attention-tp', '2');
    expect(rows.map(pairOf)).toEqual(['disaggregated h800 h800', 'disaggregated h800 h20', 'disaggregated h20 h800', 'disaggregated h20 h20']);
    for (const { tensorParallel, microBatch, deployment, binding } of rows) expect([tensorParallel, microBatch, deployment, binding]).toEqual([2, 16 * 4, '1A1F', null]);
  });

  it('splits a dense model over the chips of an instance, whatever layout is asked for', async () => {
    const of = (...layout: readonly string[]) => one('--models', 'qwen3-32b', '--accelerators', 'h800', '--deployment', '1A1F', '--requests', '16', ...layout);
    expect((await of('--layout', 'expert')).layout).toBe('tensor');
    expect(await of()).toEqual(await of('--layout', 'tensor'));
  });

  it('times a deployment that does not fit, and says by how much', async () => {
    const at = await one('--accelerators', 'h800', '--deployment', '2A2F', '--requests', '500', '--contexts', '4K');
    const { attentionBytes, attentionUsableBytes } = at;
    expect(at.infeasible).toBe(
      `attention memory: ${(attentionBytes / 1e9).toFixed(1)} GB of a chip, 77.3 GB can be used: ${(100 * (attentionBytes / attentionUsableBytes - 1)).toFixed(0)} % too much`,
    );
    expect(at.tokensPerGpuSecond).toBeGreaterThan(0);
    const { out } = await cli('afd', '--accelerators', 'h800', '--deployment', '2A2F', '--requests', '500', '--contexts', '4K');
    expect(out).toMatch(new RegExp(`^Infeasible\\n[\\s\\S]*^step-3 +4K +disaggregated +h800 \\+ h800 +${at.infeasible}$`, 'm'));
    expect(limitedBy(out)).toEqual(['infeasible']);
  });

  it('says of a deployment within which of the times it is, and how far it is from the others', async () => {
    const asked = [...TABLE_8, '--tpot', '50,30,20'];
    const [rows, at] = [await many(...asked), await one(...TABLE_8)];
    expect(rows.map(({ tpotTarget }) => tpotTarget)).toEqual([0.05, 0.03, 0.02]);
    const slow = (ms: number): string => `${at.pace}: ${(1e3 * at.tpot).toFixed(1)} ms of ${ms.toFixed(1)} ms: ${(100 * ((1e3 * at.tpot) / ms - 1)).toFixed(0)} % too much`;
    expect(rows.map(({ infeasible }) => infeasible)).toEqual([null, slow(30), slow(20)]);
    for (const row of rows) expect({ ...row, infeasible: null, tpotTarget: null }).toEqual(at);
    expect(limitedBy((await cli('afd', ...asked)).out)).toEqual([at.pace, 'infeasible', 'infeasible']);
  });

  it('says that memory is lacking first, whatever the time', async () => {
    const rows = await many('--accelerators', 'h800', '--deployment', '2A2F', '--requests', '500', '--contexts', '4K', '--tpot', '30,1000');
    expect(rows.length).toBe(2);
    for (const { infeasible } of rows) expect(infeasible).toMatch(/^attention memory: /);
  });
});

describe('afd --pareto', () => {
  const asked = ['--models', 'deepseek-v3', '--attention', 'h20', '--ffn', 'h800', ...SMALL, '--tpot', '15,30,50,100'];
  const better = (a: Planned, b: Planned): boolean =>
    a.tpot <= b.tpot && (a.usdPerMillionTokens as number) <= (b.usdPerMillionTokens as number) && (a.tpot < b.tpot || (a.usdPerMillionTokens as number) < (b.usdPerMillionTokens as number));

  it('has those rows that no other beats in time and cost, in their order', async () => {
    const [all, front] = [await many(...asked), (await many(...asked, '--pareto')) as readonly Planned[]];
    const feasible = all.filter(({ usdPerMillionTokens }) => usdPerMillionTokens !== null) as readonly Planned[];
    expect(front).toEqual(feasible.filter((each) => !feasible.some((other) => better(other, each))));
    expect([front.length > 1, front.length < feasible.length, feasible.length < all.length]).toEqual([true, true, true]);
  });

  it('is a front of each model and context', async () => {
    const both = await many('--models', 'qwen3-32b,step-3', '--accelerators', 'h20', '--contexts', '4K,8K', '--max-instances', '2', '--pareto');
    const apart = [];
    for (const model of ['qwen3-32b', 'step-3'])
      for (const context of ['4K', '8K']) apart.push(...(await many('--models', model, '--accelerators', 'h20', '--contexts', context, '--max-instances', '2', '--pareto')));
    expect(both).toEqual(apart);
  });

  it('is all rows with their reasons where nothing is feasible', async () => {
    const nothing = [...SMALL, '--tpot', '1'];
    const rows = await many(...nothing, '--pareto');
    expect(rows).toEqual(await many(...nothing));
    expect(rows.length).toBe(6);
    for (const each of rows) expect(each.infeasible, pairOf(each)).toMatch(/ % too much$/);
    const { out } = await cli('afd', ...nothing, '--pareto');
    expect(out).toContain('\nInfeasible\n');
    expect(limitedBy(out)).toEqual(rows.map(() => 'infeasible'));
  });

  it('is the front of time and tokens per chip where nothing has a price', async () => {
    const unpriced = ['--accelerators', 'l20', ...SMALL, '--tpot', '20,50,100'];
    const [all, front] = [await many(...unpriced), await many(...unpriced, '--pareto')];
    const feasible = all.filter(({ infeasible }) => infeasible === null) as readonly Planned[];
    for (const { usdPerMillionTokens } of feasible) expect(usdPerMillionTokens).toBeNull();
    const beats = (a: Planned, b: Planned): boolean => a.tpot <= b.tpot && a.tokensPerGpuSecond >= b.tokensPerGpuSecond && (a.tpot < b.tpot || a.tokensPerGpuSecond > b.tokensPerGpuSecond);
    expect(front).toEqual(feasible.filter((each) => !feasible.some((other) => beats(other, each))));
    expect([front.length > 1, front.length < feasible.length, feasible.length < all.length]).toEqual([true, true, true]);
  });

  it('leaves out what has no price where something has one', async () => {
    const front = await many('--accelerators', 'l20,h20', ...SMALL, '--tpot', '50,100', '--pareto');
    expect(front.length).toBeGreaterThan(0);
    for (const { attentionChip, ffnChip, usdPerMillionTokens } of front) expect([attentionChip, ffnChip, usdPerMillionTokens !== null]).toEqual(['h20', 'h20', true]);
  });
});

describe('afd --deployment ?AyF', () => {
  const asked = ['--accelerators', 'h800', '--deployment', '?A2F', '--micro-batch', '2048'];
  const instancesOf = async (...argv: readonly string[]): Promise<readonly number[]> =>
    ((await many(...asked, ...argv)) as readonly Planned[]).map(({ deployment }) => Number(/^(\d+)A2F$/.exec(deployment)?.[1]));
  const grows = (numbers: readonly number[]): void => {
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(numbers.at(-1)).toBeGreaterThan(numbers[0] as number);
  };

  it('adds attention instances as contexts grow: 2A2F at 4K, 4A2F at 8K, as in section 7.3 of the Step-3 paper', async () => {
    const instances = await instancesOf('--contexts', '2K..16K', '--max-instances', '16');
    expect(instances.slice(1, 3)).toEqual([2, 4]);
    grows(instances);
  });

  it('adds attention instances as contexts spread', async () => {
    const instances = [];
    for (const spread of ['0', '0.5', '1', '1.5', '2']) instances.push(...(await instancesOf('--contexts', '12K', '--spread', spread, '--max-instances', '32')));
    grows(instances);
  });

  it('needs no more attention chips with a cache of 4 bit', async () => {
    const contexts = ['--contexts', '2K..16K', '--max-instances', '16'];
    const [half, full] = [await instancesOf(...contexts, '--precision', 'kv4-math8'), await instancesOf(...contexts, '--precision', 'fp8')];
    for (const [at, instances] of half.entries()) expect(instances).toBeLessThanOrEqual(full[at] as number);
    expect(half.at(-1)).toBeLessThan(full.at(-1) as number);
  });

  it('finds the one number that does, between those that do not: 3A2F', async () => {
    const long = ['--models', 'deepseek-v3', '--accelerators', 'h800', '--contexts', '128K'];
    const [at] = await many(...long, '--deployment', '?A2F', '--micro-batch', '40', '--tpot', '44.7');
    expect(at).toMatchObject({ deployment: '3A2F', requests: 2, microBatch: 48, infeasible: null });
    expect(at?.tpot).toBeLessThanOrEqual(0.0447);
    for (const [instances, requests] of [
      [2, 3],
      [4, 2],
    ]) {
      const [other] = await many(...long, '--deployment', `${instances}A2F`, '--requests', String(requests), '--tpot', '44.7');
      expect(other?.infeasible, `${instances}A2F`).toMatch(/ ms of 44\.7 ms: (?:\d+|less than 1) % too much$/);
    }
    const [late] = await many(...long, '--deployment', '?A2F', '--micro-batch', '40', '--tpot', '20');
    expect(late?.infeasible).toMatch(/ ms of 20\.0 ms: \d+ % too much, with 5 of at most 8 attention instances$/);
  });

  it('has at most 8 attention instances within 50 ms unless said otherwise', async () => {
    expect(await many(...asked)).toEqual(await many(...asked, '--max-instances', '8', '--tpot', '50', '--layout', 'expert', '--attention-tp', '1'));
    const [none] = await many(...asked, '--contexts', '32K');
    expect(none?.infeasible).toMatch(/ of at most 8 attention instances$/);
  });

  it('is what the library finds, for each time; null with a reason where there is none', async () => {
    const split = ['--accelerators', 'h800', '--deployment', '?A2F', '--micro-batch', '1024', '--layout', 'tensor', '--attention-tp', '2'];
    const rows = await many(...split, '--contexts', '8K', '--tpot', '50,40,20', '--max-instances', '8');
    const planner = plannerOf('step-3', oneContext(8192));
    const chips = { attentionChip: chipOf('h800'), ffnChip: chipOf('h800') };
    const expected = [0.05, 0.04, 0.02].map((tpot) => {
      const answer = attentionInstancesFor(planner, { ...chips, ffnInstances: 2, tensorParallel: 2, layout: 'tensor', microBatch: 1024, tpot, maxInstances: 8 });
      return answer.plan === null ? answerRow('step-3', { ...chips, ...answer }) : planRow('step-3', answer.plan, null);
    });
    expect(rows.map(answered)).toEqual(expected.map(plain));
    expect(rows.map(({ tpotTarget }) => tpotTarget)).toEqual([0.05, 0.04, 0.02]);
    expect(rows.map(({ deployment }) => deployment)).toEqual(['3A2F', '4A2F', null]);
    expect(rows.at(-1)?.infeasible).toMatch(/: \d+ % too much, with 8 of at most 8 attention instances$/);
  });
});

describe('afd --mix and --spread', () => {
  const asked = ['--accelerators', 'h800', '--deployment', '4A2F', '--requests', '64'];

  it('times a mix of contexts, of which replicas wait for the slowest', async () => {
    const at = await one(...asked, '--mix', '4K:3,32K:1');
    const planner = plannerOf(
      'step-3',
      contextMix([
        { context: 4096, weight: 3 },
        { context: 32_768, weight: 1 },
      ]),
    );
    const plan = planner.plan({ attentionChip: chipOf('h800'), ffnChip: chipOf('h800'), attentionInstances: 4, ffnInstances: 2, tensorParallel: 1, layout: 'expert', requests: 64 });
    expect(at).toMatchObject({ tpot: plan.tpot, attentionBytes: plan.attentionMemory.bytes, context: (3 * 4096 + 32_768) / 4 });
    expect(at.notes).toEqual(['precision: paper', 'contexts from 4K to 32K: replicas wait for the slowest']);
    const mean = await one(...asked, '--contexts', String(at.context));
    expect(at.tpot).toBeGreaterThan(mean.tpot);
    expect(at.attentionBytes / mean.attentionBytes).toBeCloseTo(1, 9);
  });

  it('takes weights by their proportions, and one context as that', async () => {
    const [at, scaled, turned] = [await one(...asked, '--mix', '4K:3,32K:1'), await one(...asked, '--mix', '4K:0.75,32K:0.25'), await one(...asked, '--mix', '32K:1,4K:3')];
    expect(scaled).toEqual(at);
    expect(turned.tpot / at.tpot).toBeCloseTo(1, 9);
    expect(await one(...asked, '--mix', '8K:7')).toEqual(await one(...asked, '--contexts', '8K'));
  });

  it('spreads contexts around each of those that are given', async () => {
    const rows = (await many(...asked, '--contexts', '4K,8K', '--spread', '0.8')) as readonly Planned[];
    expect(rows.map(({ context }) => context)).toEqual([4096, 8192]);
    for (const [at, { context, tpot, notes }] of rows.entries()) {
      const mix = logNormalMix(4096 * (at + 1), 0.8);
      const plan = plannerOf('step-3', mix).plan({ attentionChip: chipOf('h800'), ffnChip: chipOf('h800'), attentionInstances: 4, ffnInstances: 2, tensorParallel: 1, layout: 'expert', requests: 64 });
      expect(tpot).toBe(plan.tpot);
      expect(notes[1]).toMatch(/^contexts from \d+K? to \d+K?: replicas wait for the slowest$/);
      expect(tpot).toBeGreaterThan((await one(...asked, '--contexts', String(context))).tpot);
    }
  });

  it('searches in a mix as well, apart and together', async () => {
    const rows = await many('--accelerators', 'h20', '--mix', '2K:1,16K:1', '--max-instances', '3');
    expect(rows.map(pairOf).sort()).toEqual(['colocated h20 h20', 'disaggregated h20 h20']);
    for (const { context, notes } of rows) expect([context, notes[1]]).toEqual([9216, 'contexts from 2K to 16K: replicas wait for the slowest']);
  });
});

describe('options of afd', () => {
  const of = (...argv: readonly string[]) => one(...TABLE_8, ...argv);

  it('--draft-tokens with accepted drafts is faster where memory sets the pace, with none accepted it does not help', async () => {
    const [plain, drafts, none] = [await of(), await of('--draft-tokens', '1', '--acceptance', '0.8'), await of('--draft-tokens', '1', '--acceptance', '0')];
    expect(drafts.tokensPerGpuSecond).toBeGreaterThan(plain.tokensPerGpuSecond);
    expect(none.tokensPerGpuSecond).toBeLessThan(plain.tokensPerGpuSecond);
    // 1.8 tokens a step where the draft is accepted in four of five
    expect(drafts.tokensPerGpuSecond / none.tokensPerGpuSecond).toBeCloseTo(1.8, 9);
    expect(await of('--draft-tokens', '1')).toEqual(none);
    expect(await of('--draft-tokens', '0')).toEqual(plain);
  });

  it('--nic-share is never faster the lower it is', async () => {
    const full = await of('--nic-share', '1');
    let before = full.tpot;
    for (const share of ['0.8', '0.5', '0.2', '0.05']) {
      const { tpot, stages } = await of('--nic-share', share);
      expect(tpot, share).toBeGreaterThanOrEqual(before);
      expect((stages.combine * Number(share)) / full.stages.combine, share).toBeCloseTo(1, 4);
      before = tpot;
    }
    expect(before).toBeGreaterThan(full.tpot);
  });

  it('--times ideal is never slower, in any stage, and has no interval', async () => {
    for (const argv of [
      TABLE_8,
      ['--models', 'qwen3-32b', '--accelerators', 'h20', '--deployment', '1A1F', '--requests', '64'],
      ['--models', 'gpt-oss-120b', '--accelerators', 'h100', '--deployment', '2A1F', '--requests', '32'],
    ]) {
      const [calibrated, ideal] = [await one(...argv), await one(...argv, '--times', 'ideal')];
      expect(ideal.tpot, argv[1]).toBeLessThan(calibrated.tpot);
      for (const stage of STAGES) expect(ideal.stages[stage], `${argv[1]}, ${stage}`).toBeLessThanOrEqual(calibrated.stages[stage]);
      expect([ideal.low, ideal.high]).toEqual([ideal.tpot, ideal.tpot]);
    }
  });

  it('--routing routed sends less: to 7/4 of two instances with three experts a token, in layers of experts', async () => {
    const [broadcast, routed] = [await of(), await of('--routing', 'routed')];
    for (const stage of ['dispatch', 'combine'] as const) {
      expect(routed.stages[stage]).toBeLessThan(broadcast.stages[stage]);
      // 56 layers to 7/4 instances and 5 dense ones to one
      expect(routed.stages[stage] / broadcast.stages[stage]).toBeCloseTo((56 * 1.75 + 5) / (61 * 2), 4);
    }
    expect(routed.tpot).toBeLessThanOrEqual(broadcast.tpot);
  });

  it('--micro-batches, --attention-tp and --memory-share count as they say', async () => {
    const [plain, four, two, half] = [await of(), await of('--micro-batches', '4'), await of('--attention-tp', '2'), await of('--memory-share', '0.5')];
    expect([four.microBatch, four.batch, two.microBatch, two.batch, two.tensorParallel]).toEqual([2048, 4 * 2048, 1024, 3072, 2]);
    expect(half.attentionUsableBytes / plain.attentionUsableBytes).toBeCloseTo(5 / 9, 12);
    expect([plain.infeasible, half.infeasible?.split(':')[0]]).toEqual([null, 'attention memory']);
    expect(half.tpot).toBe(plain.tpot);
  });

  it('--expert-load uneven is slower on the feed-forward side alone', async () => {
    const [even, uneven] = [await of(), await of('--expert-load', 'power-law:1.2')];
    expect(uneven.stages.ffn).toBeGreaterThan(even.stages.ffn);
    expect(uneven.tpot).toBeGreaterThan(even.tpot);
    expect(uneven.stages.attention).toBe(even.stages.attention);
  });

  it('--precision is that of the library', async () => {
    const { requests } = splitCases[0] as SplitCase;
    const at = await one('--accelerators', 'h800', '--deployment', '3A2F', '--requests', String(requests), '--contexts', '4K', '--precision', 'w8a8kv16');
    expect(at.tpot).toBe(planOf(splitCases[0] as SplitCase, 'expert').tpot);
    for (const policy of Object.keys(precisionPolicies)) expect((await of('--precision', policy)).notes).toEqual([`precision: ${policy}`]);
  });

  it('--override of a price changes cost in proportion, and nothing else', async () => {
    const asked = ['--attention', 'h20', '--ffn', 'h800', '--deployment', '2A1F', '--requests', '32'];
    const at = async (usdPerHour: number) => one(...asked, ...(await override({ accelerators: { h20: { set: { usdPerHour } } } })));
    const plans = [await at(0.8), await at(1.6), await at(2.4), await at(0)];
    const [plain, dearer, dearest, free] = plans.map(({ usdPerMillionTokens }) => usdPerMillionTokens as number) as [number, number, number, number];
    expect((dearest - dearer) / (dearer - plain)).toBeCloseTo(1, 9);
    expect((plain - free) / (dearer - plain)).toBeCloseTo(1, 9);
    // 16 H20 for 0.80 and 8 H800 for 2 USD an hour
    expect(plain / free).toBeCloseTo((16 * 0.8 + 8 * 2) / (8 * 2), 9);
    expect(plain).toBe((await one(...asked)).usdPerMillionTokens);
    for (const { usdPerMillionTokens: _, notes: __, ...rest } of plans) expect(rest).toMatchObject({ tpot: plans[0]?.tpot, tokensPerGpuSecond: plans[0]?.tokensPerGpuSecond });
  });

  it('--override of a price moves the search', async () => {
    const asked = ['--accelerators', 'h20,h800', ...SMALL];
    const [first] = await many(...asked, ...(await override({ accelerators: { h20: { set: { usdPerHour: 50 } } } })));
    expect([first?.attentionChip, first?.ffnChip]).toEqual(['h800', 'h800']);
  });

  it('--override of a network card that is not catalogued leaves a chip out of pairs', async () => {
    const rows = await many('--models', 'qwen3-32b', '--accelerators', 'h20', ...SMALL, ...(await override({ accelerators: { h20: { set: { nicPerAcceleratorPerDirection: null } } } })));
    expect(rows.find(({ kind }) => kind === 'disaggregated')).toMatchObject({ deployment: null, infeasible: 'network: nicPerAcceleratorPerDirection of h20 is not catalogued' });
    expect(rows.find(({ kind }) => kind === 'colocated')?.infeasible).toBeNull();
  });

  it('--override of a network card that is not catalogued leaves experts on one server, and the other chips as they are', async () => {
    const asked = ['--models', 'deepseek-v3', '--accelerators', 'h800,h20', ...SMALL];
    const [rows, before] = [await many(...asked, ...(await override({ accelerators: { h800: { set: { nicPerAcceleratorPerDirection: null } } } }))), await many(...asked)];
    const of = (all: readonly Row[], pair: string): unknown => {
      const { notes: _, ...rest } = all.find((each) => pairOf(each) === pair) as Row;
      return rest;
    };
    expect(rows.map(pairOf).sort()).toEqual(before.map(pairOf).sort());
    for (const pair of ['disaggregated h20 h20', 'colocated h20 h20']) expect(of(rows, pair), pair).toEqual(of(before, pair));
    for (const pair of ['disaggregated h800 h800', 'disaggregated h800 h20', 'disaggregated h20 h800'])
      expect(of(rows, pair), pair).toMatchObject({ deployment: null, infeasible: 'network: nicPerAcceleratorPerDirection of h800 is not catalogued' });
    expect(of(before, 'colocated h800 h800')).toMatchObject({ infeasible: null });
    expect(of(rows, 'colocated h800 h800')).toMatchObject({
      infeasible: expect.stringMatching(/^memory: one request takes \S+ GB of h800 on 8 chips, 77\.3 GB can be used: \d+ % too much$/) as unknown,
    });
  });

  it('--override to a larger chip without a network card has experts on one server', async () => {
    const [at] = await many('--accelerators', 'h800', ...SMALL, ...(await override({ accelerators: { h800: { set: { nicPerAcceleratorPerDirection: null, memoryCapacity: 2 ** 40 } } } })));
    expect(at).toMatchObject({ kind: 'colocated', chips: 8, infeasible: null });
    expect(at?.deployment).toMatch(/^DP 8 EP 8/);
  });

  it('--override to a chip without a network card, of which a server holds too few, leaves nothing, and says so', async () => {
    const rows = await many('--accelerators', 'h800', ...SMALL, ...(await override({ accelerators: { h800: { set: { nicPerAcceleratorPerDirection: null, scaleUpDomain: 4 } } } })));
    expect(rows.map(pairOf)).toEqual(['disaggregated h800 h800', 'colocated h800 h800']);
    for (const { infeasible } of rows) expect(infeasible).toBe('network: nicPerAcceleratorPerDirection of h800 is not catalogued');
  });
});

describe('formats of afd', () => {
  it('CSV has the rows, stages in columns of their own', async () => {
    const asked = ['--accelerators', 'h20,l20', ...SMALL, '--tpot', '50,1'];
    const [rows, parsed] = [await many(...asked), csvParse((await cli('afd', ...asked, '--format', 'csv')).out)];
    expect(parsed.columns).toEqual([...Object.keys(row.shape).filter((field) => field !== 'stages'), ...STAGES.map((stage) => `${stage}Seconds`)]);
    expect(parsed.length).toBe(rows.length);
    for (const [at, { stages, notes, ...rest }] of rows.entries()) {
      for (const [field, value] of Object.entries(rest)) expect(parsed[at]?.[field], field).toBe(value === null ? '' : String(value));
      expect(parsed[at]?.notes).toBe(notes.join('; '));
      for (const stage of STAGES) expect(parsed[at]?.[`${stage}Seconds`]).toBe(stages === null ? '' : String(stages[stage]));
    }
    expect(new Set(rows.map(({ infeasible }) => infeasible === null))).toEqual(new Set([true, false]));
  });

  it('Markdown has a table of plans, one of stages and one of what is infeasible', async () => {
    const { code, out } = await cli('afd', '--accelerators', 'h20', ...SMALL, '--tpot', '50,1', '--format', 'markdown');
    expect(code).toBe(0);
    expect(out).toMatch(/^\| model \| context \| within ms \| kind \|/);
    const heads = out.split('\n').filter((line) => /^\| ?model/.test(line));
    expect(heads.length).toBe(3);
    const tables = out.split('\n').filter((line) => line.startsWith('|'));
    for (const line of tables) expect(line).toMatch(/ \|$/);
    expect(tables.length).toBe(3 * 2 + 4 + 1 + 2);
  });

  it('the table has times in ms, one line a row, and which kind costs less', async () => {
    const asked = ['--accelerators', 'h20', ...SMALL];
    const [rows, { out, err }] = [(await many(...asked)) as readonly Planned[], await cli('afd', ...asked)];
    expect(err).toBe('');
    const lines = out.split('\n').filter((line) => /^step-3 .* (colocated|disaggregated) {2}/.test(line));
    expect(lines.length).toBe(rows.length);
    for (const [at, { kind, attentionChip, ffnChip, deployment, chips, batch, tpot, low, high, binding, basis }] of rows.entries()) {
      const cells = (lines[at] ?? '').trimEnd().split(/ {2,}/);
      expect(cells.slice(0, 6)).toEqual(['step-3', '4K', '50.0', kind, kind === 'colocated' ? attentionChip : `${attentionChip} + ${ffnChip}`, deployment]);
      expect(cells.slice(6, 11)).toEqual([String(chips), String(batch), ...[tpot, low, high].map((value) => (1e3 * value).toPrecision(3))]);
      expect(cells.slice(-2)).toEqual([binding, basis]);
    }
    const [less, more] = rows as [Planned, Planned];
    const on = ({ kind, attentionChip, ffnChip }: Planned): string => `${kind} on ${kind === 'colocated' ? attentionChip : `${attentionChip} + ${ffnChip}`}`;
    const saved = (100 * (1 - (less.usdPerMillionTokens as number) / (more.usdPerMillionTokens as number))).toFixed(0);
    expect(out).toContain(`step-3 at 4K within 50.0 ms: ${on(less)} costs ${saved} % less than ${on(more)}\n`);
    expect(out).toContain('precision: paper');
    expect(out).toContain('Mean time of each stage of a layer, one micro-batch');
    expect(out).not.toContain('Infeasible');
  });

  it('tells no verdict where one kind has no price or no plan', async () => {
    expect((await cli('afd', '--accelerators', 'l20', ...SMALL)).out).not.toContain('less than');
    expect((await cli('afd', '--tpot', '1', ...SMALL)).out).not.toContain('less than');
  });
});

describe('afd refuses', () => {
  const TWO = ['--deployment', '2A2F', '--requests', '8'];
  const WHOLE = 'is not a whole number from 1 to 9007199254740991';
  const WITHOUT_REQUESTS = 'afd: deployment xAyF is given with --requests and without --micro-batch';
  const WITHOUT_MICRO_BATCH = 'afd: deployment ?AyF is given with --micro-batch and without --requests';
  const LOAD = 'is not balanced or power-law:<exponent>, such as power-law:1.2';

  it.each<readonly [readonly string[], string]>([
    ...['0', 'abc', '-1', '1e3', '1000001', '50ms'].map((text) => [['--tpot', text], `afd: tpot ${text} is not a number of milliseconds up to 1000000`] as const),
    [['--tpot='], 'afd: tpot [] is empty'],
    [['--tpot', '20,,30'], 'afd: tpot 20,,30 has an empty place between commas'],
    ...['2A', '2F2A', '0A2F', '2A0F', '-1A2F', '2A2', '2A?F', '2.5A2F', '02A2F', '10000A2F', '2A2F,4A2F', '??A2F'].map(
      (text) => [[`--deployment=${text}`, '--requests', '8'], `afd: deployment ${text} is not xAyF, such as 3A2F, or ?AyF`] as const,
    ),
    [['--deployment='], 'afd: deployment "" is not xAyF, such as 3A2F, or ?AyF'],
    [['--deployment', '2A2F'], WITHOUT_REQUESTS],
    [['--deployment', '2A2F', '--micro-batch', '8'], WITHOUT_REQUESTS],
    [[...TWO, '--micro-batch', '8'], WITHOUT_REQUESTS],
    [['--deployment', '?A2F'], WITHOUT_MICRO_BATCH],
    [['--deployment', '?A2F', '--requests', '8'], WITHOUT_MICRO_BATCH],
    [['--deployment', '?A2F', '--requests', '8', '--micro-batch', '8'], WITHOUT_MICRO_BATCH],
    ...['4K', '4K:', '4K:0', '4K:-1', '4K:1:2', '4K:x', '4K:1e3', '8K:1,4K'].map((text) => {
      const item = text.split(',').at(-1);
      return [['--mix', text], `afd: mix ${item} is not <context>:<weight>, such as 8K:3`] as const;
    }),
    [['--mix', 'x:1'], `afd: mix x ${WHOLE}, such as 8192, 8K or 1M`],
    [['--mix', ':1'], `afd: mix "" ${WHOLE}, such as 8192, 8K or 1M`],
    [['--mix', '0:1'], `afd: mix 0 ${WHOLE}, such as 8192, 8K or 1M`],
    [['--mix='], 'afd: mix [] is empty'],
    [['--mix', '4K:3,4096:1'], 'contexts: context 4096 is given twice'],
    [['--mix', '4K:3,8K:1,4K:2'], 'contexts: context 4096 is given twice'],
    [['--mix', '4K:1', '--contexts', '4K'], 'afd: contexts are not used with --mix'],
    [['--mix', '4K:1', '--spread', '0.5'], 'afd: spread is not used with --mix'],
    ...['2.1', '3', '-1', 'abc', '1e0', '.5', 'NaN'].map((text) => [[`--spread=${text}`], `afd: spread ${text} is not a number from 0 to 2`] as const),
    [['--spread='], 'afd: spread "" is not a number from 0 to 2'],
    ...['1.1', '-0.1', 'most'].map((text) => [[`--acceptance=${text}`], `afd: acceptance ${text} is not at least 0 and at most 1`] as const),
    [['--acceptance='], 'afd: acceptance "" is not at least 0 and at most 1'],
    ...['-1', '1.5', 'two', '17', '1000000'].map((text) => [[`--draft-tokens=${text}`], `afd: draft-tokens ${text} is not a whole number from 0 to 16`] as const),
    ...['0', '65', '100'].map((text) => [['--micro-batches', text], `afd: micro-batches ${text} is not a whole number from 1 to 64`] as const),
    ...['0', '1.1', '-0.5', '80%'].map((text) => [[`--nic-share=${text}`], `afd: nic-share ${text} is not above 0 and at most 1`] as const),
    [['--memory-share', '0'], 'afd: memory-share 0 is not above 0 and at most 1'],
    [['--memory-share', '1.1'], 'afd: memory-share 1.1 is not above 0 and at most 1'],
    ...['0', '1.5', '257', '1000'].map((text) => [['--max-instances', text], `afd: max-instances ${text} is not a whole number from 1 to 256`] as const),
    [['--deployment', '?A2F', '--micro-batch', '8', '--max-instances', '257'], 'afd: max-instances 257 is not a whole number from 1 to 256'],
    ...['requests', 'micro-batch'].flatMap((field) => ['0', '1000001'].map((text) => [[`--${field}`, text], `afd: ${field} ${text} is not a whole number from 1 to 1000000`] as const)),
    ...['0', '65'].map((text) => [['--attention-tp', text], `afd: attention-tp ${text} is not a whole number from 1 to 64`] as const),
    [['--requests', '8'], 'afd: requests 8 is not used without --deployment'],
    [['--micro-batch', '8'], 'afd: micro-batch 8 is not used without --deployment'],
    // what is the default changes nothing either
    [['--attention-tp', '1'], 'afd: attention-tp 1 is not used without --deployment'],
    [['--layout', 'expert'], 'afd: layout expert is not used without --deployment'],
    [['--layout', 'tensor', '--pareto'], 'afd: layout tensor is not used without --deployment'],
    [[...TWO, '--max-instances', '8'], 'afd: max-instances 8 is not used with --deployment xAyF'],
    [['--acceptance', '0.5'], 'afd: acceptance 0.5 is not used without --draft-tokens'],
    [['--acceptance', '0'], 'afd: acceptance 0 is not used without --draft-tokens'],
    [['--draft-tokens', '0', '--acceptance', '0.5'], 'afd: acceptance 0.5 is not used without --draft-tokens'],
    [[...TWO, '--acceptance', '0.5'], 'afd: acceptance 0.5 is not used without --draft-tokens'],
    [['--accelerators', 'h800', '--attention', 'h20', '--ffn', 'h20'], 'afd: accelerators h800 is not used with --attention and --ffn'],
    [[...TWO, '--attention-tp', '3'], 'afd: tensorParallel 3 does not divide the 8 chips of an instance'],
    [[...TWO, '--attention-tp', '16'], 'afd: tensorParallel 16 does not divide the 8 chips of an instance'],
    [[...TWO, '--pareto'], "afd: option '--deployment <xAyF>' cannot be used with option '--pareto'"],
    [[...TWO, '--objective', 'cost'], "afd: option '--deployment <xAyF>' cannot be used with option '--objective <what>'"],
    [['--deployment', '2A7F', '--requests', '8'], 'afd: ffnInstances 7 deal out 48 experts to 56 places'],
    [['--deployment', '2A49F', '--requests', '8', '--layout', 'tensor'], 'afd: ffnInstances 49 deal out 48 experts to 49 places'],
    [['--deployment', '?A7F', '--micro-batch', '8'], 'afd: ffnInstances 7 deal out 48 experts to 56 places'],
    [['--models', 'step-4'], 'models: id step-4 is unknown; nearest: step-3, glm-5, gpt2'],
    [['--models', 'step-3,step-3'], 'afd: models step-3 is given twice'],
    ...['accelerators', 'attention', 'ffn'].map((field) => [[`--${field}`, 'h900'], 'accelerators: id h900 is unknown; nearest: h800, h100, h200'] as const),
    [['--contexts', '0'], `afd: contexts 0 ${WHOLE}, such as 8192, 8K or 1M`],
    [['--contexts', '8K,8192'], 'afd: contexts 8192 is given twice'],
    [['--expert-load', 'even'], `afd: expert-load even ${LOAD}`],
    [['--layout', 'both'], 'afd: layout both is unknown; nearest: tensor, expert'],
    [['--times', 'best'], 'afd: times best is unknown; nearest: ideal, calibrated'],
    [['--routing', 'all'], 'afd: routing all is unknown; nearest: routed, broadcast'],
    [['--objective', 'price'], 'afd: objective price is unknown; nearest: cost, throughput'],
    [['--precision', 'fp9'], 'afd: precision fp9 is unknown; nearest: fp8, bf16, paper'],
    [['--format', 'xml'], 'afd: format xml is unknown; nearest: csv, table, json'],
    [['--context', '8K'], 'afd: option --context is unknown; nearest: --contexts, --config, --models'],
    [['--deployment'], 'afd: option --deployment is given without its value'],
    [['--override', '/none/override.json'], 'override: file /none/override.json does not exist'],
  ])('%j in one line, exit code 2', async (argv, message) => {
    const { code, out, err } = await cli('afd', ...argv);
    expect([code, out, err]).toEqual([2, '', `tokenroof: ${message}\n`]);
  });

  it('times that are given twice, however they are written, in milliseconds', async () => {
    for (const argv of [
      ['--tpot', '50,50'],
      ['--tpot', '50,50.0'],
      ['--tpot', '20,50', '--tpot', '50'],
    ])
      expect(await cli('afd', ...argv)).toEqual({ code: 2, out: '', err: 'tokenroof: afd: tpot 50 is given twice\n' });
    expect((await cli('afd', '--tpot', '44.7', '--tpot', '44.7')).err).toBe('tokenroof: afd: tpot 44.7 is given twice\n');
  });
});
