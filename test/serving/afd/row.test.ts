import { describe, expect, it } from 'vitest';
import { bestColocated, type ColocatedAnswer } from '../../../src/serving/afd/colocated.ts';
import type { AfdDeployment } from '../../../src/serving/afd/deployment.ts';
import { STAGES } from '../../../src/serving/afd/plan.ts';
import { type AfdRow, answerRow, colocatedRow, deploymentName, planRow } from '../../../src/serving/afd/row.ts';
import { searchAfd } from '../../../src/serving/afd/search.ts';
import { singleChip } from '../../../src/timing/deployment.ts';
import { chipOf } from '../../timing/support.ts';
import { deploymentOf, plannerOf, scenarioOf, splitOf } from './support.ts';

const FIELDS: readonly (keyof AfdRow)[] = [
  'model',
  'kind',
  'attentionChip',
  'ffnChip',
  'deployment',
  'chips',
  'tensorParallel',
  'layout',
  'requests',
  'microBatch',
  'batch',
  'tpot',
  'low',
  'high',
  'tokensPerGpuSecond',
  'usdPerMillionTokens',
  'binding',
  'pace',
  'stages',
  'attentionBytes',
  'attentionUsableBytes',
  'ffnBytes',
  'ffnUsableBytes',
  'basis',
  'infeasible',
];
/** What a row has where there is no deployment. */
const KNOWN: readonly (keyof AfdRow)[] = ['model', 'kind', 'attentionChip', 'ffnChip', 'infeasible'];

const nullsOf = (row: AfdRow): readonly string[] => FIELDS.filter((field) => row[field] === null);

const planner = plannerOf('step-3', 4096);
const planOf = (changes: Partial<AfdDeployment> = {}) => planner.plan(deploymentOf(changes));

describe('planRow', () => {
  it('has the numbers of the plan, chips by their ids, and memory of either side', () => {
    const plan = planOf();
    const { chips, requests, microBatch, batch, tpot, low, high, tokensPerGpuSecond, usdPerMillionTokens, pace, stages, basis, tensorParallel, layout } = plan;
    const row = planRow('step-3', plan, 'attention memory');
    expect(Object.keys(row)).toEqual(FIELDS);
    expect(row).toEqual({
      model: 'step-3',
      kind: 'disaggregated',
      attentionChip: 'h20',
      ffnChip: 'h800',
      deployment: '2A1F',
      chips: 24,
      tensorParallel: 1,
      layout: 'tensor',
      requests: 16,
      microBatch: 256,
      batch: 768,
      tpot,
      low,
      high,
      tokensPerGpuSecond,
      usdPerMillionTokens,
      binding: 'attention memory',
      pace,
      stages,
      attentionBytes: plan.attentionMemory.bytes,
      attentionUsableBytes: plan.attentionMemory.usable,
      ffnBytes: plan.ffnMemory.bytes,
      ffnUsableBytes: plan.ffnMemory.usable,
      basis,
      infeasible: null,
    });
    expect([chips, requests, microBatch, batch, tensorParallel, layout]).toEqual([row.chips, row.requests, row.microBatch, row.batch, row.tensorParallel, row.layout]);
    expect(Object.keys(row.stages ?? {})).toEqual(STAGES);
  });

  it('has null only for what nobody looked for: a binding, a reason', () => {
    expect(nullsOf(planRow('step-3', planOf(), null))).toEqual(['binding', 'infeasible']);
    expect(nullsOf(planRow('step-3', planOf(), 'attention'))).toEqual(['infeasible']);
  });

  it('has no cost where a chip has no price', () => {
    for (const changes of [{ attentionChip: chipOf('l20') }, { ffnChip: chipOf('l20') }]) expect(nullsOf(planRow('step-3', planOf(changes), 'ffn'))).toEqual(['usdPerMillionTokens', 'infeasible']);
  });
});

describe('answerRow', () => {
  const query = { attentionChips: [chipOf('h20')], ffnChips: [chipOf('h800')], maxInstances: 2, objective: 'cost' } as const;

  it('is the row of the plan that a search found, with what binds it', () => {
    const [answer] = searchAfd(planner, { ...query, tpot: 0.05 });
    if (answer === undefined || answer.plan === null) return expect.unreachable();
    expect(answerRow('step-3', answer)).toEqual(planRow('step-3', answer.plan, answer.binding));
    expect(answerRow('step-3', answer).binding).not.toBeNull();
  });

  it('is null where there is none, but for its chips and why', () => {
    const [answer] = searchAfd(planner, { ...query, tpot: 1e-3 });
    if (answer === undefined || answer.plan !== null) return expect.unreachable();
    const row = answerRow('step-3', answer);
    expect(nullsOf(row)).toEqual(FIELDS.filter((field) => !KNOWN.includes(field)));
    expect(new Set(Object.keys(row))).toEqual(new Set(FIELDS));
    expect(row).toMatchObject({ model: 'step-3', kind: 'disaggregated', attentionChip: 'h20', ffnChip: 'h800', infeasible: answer.because });
    expect(row.infeasible).toMatch(/\d % too much$/);
  });
});

describe('colocatedRow', () => {
  const found = bestColocated(splitOf('step-3'), scenarioOf(4096), chipOf('h20'), 0.05);

  it('has the one chip on both sides, no stages, no layout and no pace', () => {
    if (found.plan === null) return expect.unreachable();
    const { chips, requests, batch, tpot, low, high, tokensPerGpuSecond, usdPerMillionTokens, basis, memory } = found.plan;
    const row = colocatedRow('step-3', 'h20', found);
    expect(new Set(Object.keys(row))).toEqual(new Set(FIELDS));
    expect(nullsOf(row)).toEqual(['layout', 'pace', 'stages', 'infeasible']);
    expect(row).toMatchObject({ model: 'step-3', kind: 'colocated', attentionChip: 'h20', ffnChip: 'h20', chips, requests, batch, tpot, low, high, tokensPerGpuSecond, usdPerMillionTokens, basis });
    expect([row.microBatch, row.binding, row.tensorParallel]).toEqual([batch, found.binding, 1]);
    expect([row.attentionBytes, row.attentionUsableBytes]).toEqual([memory.bytes, memory.usable]);
    expect([row.ffnBytes, row.ffnUsableBytes]).toEqual([memory.bytes, memory.usable]);
  });

  it('is null where there is no deployment, but for its chip and why', () => {
    const none = bestColocated(splitOf('step-3'), scenarioOf(4096), chipOf('h20'), 1e-3);
    if (none.plan !== null) return expect.unreachable();
    const row = colocatedRow('step-3', 'h20', none);
    expect(nullsOf(row)).toEqual(FIELDS.filter((field) => !KNOWN.includes(field)));
    expect(row).toMatchObject({ kind: 'colocated', attentionChip: 'h20', ffnChip: 'h20', infeasible: none.because });
  });

  it.each([
    ['one chip', {}],
    ['TP 4', { tensorParallel: 4 }],
    ['DP 32 EP 32', { dataParallel: 32, expertParallel: 32 }],
    ['DP 256 EP 32, two-batch', { dataParallel: 256, expertParallel: 32, overlap: 'two-batch' }],
    ['TP 2 DP 4 EP 8', { tensorParallel: 2, dataParallel: 4, expertParallel: 8 }],
    ['DP 16', { dataParallel: 16 }],
  ] as const)('is called %s', (name, changes) => {
    if (found.plan === null) return expect.unreachable();
    const answer: ColocatedAnswer = { plan: { ...found.plan, deployment: { ...singleChip, ...changes } }, binding: 'tpot' };
    expect(colocatedRow('step-3', 'h20', answer).deployment).toBe(name);
  });
});

describe('deploymentName', () => {
  it.each([
    ['3A2F', 3, 2],
    ['1A1F', 1, 1],
    ['16A10F', 16, 10],
  ])('%s', (name, attentionInstances, ffnInstances) => expect(deploymentName({ attentionInstances, ffnInstances })).toBe(name));
});
