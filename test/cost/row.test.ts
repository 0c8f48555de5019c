import { describe, expect, it } from 'vitest';
import { accelerator, withOverrides } from '../../src/accelerators/index.ts';
import { compile } from '../../src/cost/compile.ts';
import { costAt } from '../../src/cost/evaluate.ts';
import { requestCost } from '../../src/cost/request.ts';
import { type CostRow, costRows, countingName } from '../../src/cost/row.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { modelOf, precisionPolicies } from '../../src/models/index.ts';
import { assertPrinted } from '../support/printed.ts';
import { PAPER_MODELS } from '../support/step3-tables.ts';

const chipOf = (id: string) => accelerator(id).accelerator;
const [h800, h20, a800] = ['h800', 'h20', 'a800'].map(chipOf) as [ReturnType<typeof chipOf>, ReturnType<typeof chipOf>, ReturnType<typeof chipOf>];
const step3 = modelOf('step-3');
const decode = { counting: step3Counting, phase: 'decode', contexts: [8192, 32768] } as const;

const afdRows = (modelId: string, chips = [h800, h20]): readonly CostRow[] => costRows([modelOf(modelId)], chips, { ...decode, afd: true }).filter(({ accelerator: id }) => id.startsWith('afd:'));

describe('costRows, decode', () => {
  it('has the columns of the command, in their order', () => {
    const [row] = costRows([step3], [h800], decode);
    expect(Object.keys(row as CostRow)).toEqual(
      'model accelerator context kvBytesRead attentionFlop linearFlop ffnFlop headFlop attentionUsdPerMtok ffnUsdPerMtok headUsdPerMtok totalUsdPerMtok bound maxContext notes'.split(' '),
    );
  });

  it('goes through models, then chips, then contexts, AFD after the chips of each model', () => {
    const places = (afd: boolean) => costRows([step3, modelOf('qwen3-32b')], [h800, h20], { ...decode, afd }).map((row) => `${row.model} ${row.accelerator} ${row.context}`);
    const chips = (model: string) => ['h800 8192', 'h800 32768', 'h20 8192', 'h20 32768'].map((place) => `${model} ${place}`);
    expect(places(false)).toEqual([...chips('step-3'), ...chips('qwen3-32b')]);
    expect(places(true)).toEqual([...chips('step-3'), 'step-3 afd:h20+h800 8192', 'step-3 afd:h20+h800 32768', ...chips('qwen3-32b'), 'qwen3-32b afd:h20+h800 8192', 'qwen3-32b afd:h20+h800 32768']);
  });

  it('carries the numbers of costAt', () => {
    for (const row of costRows([step3], [h800, a800], { ...decode, counting: exactCounting, batch: 64 })) {
      const chip = chipOf(row.accelerator);
      const { contextLength, ...numbers } = costAt(compile(step3), unitCosts(chip, step3.precision.math), row.context, 64);
      expect(row).toMatchObject({ ...numbers, context: contextLength, model: 'step-3', maxContext: 65536 });
    }
  });

  it('takes one precision for all models, or that of each', () => {
    const [own, wide] = [costRows([step3], [h800], decode), costRows([step3], [h800], { ...decode, precision: precisionPolicies.bf16 })];
    expect(wide[0]?.kvBytesRead).toBe(2 * (own[0] as CostRow).kvBytesRead);
    expect(own[0]?.notes).toContain('precision: paper');
    expect(wide[0]?.notes).toContain('precision: bf16');
  });
});

describe('notes', () => {
  const notesOf = (counting = exactCounting, chips = [h800], contexts = [8192], batch?: number) =>
    costRows([step3], chips, { counting, phase: 'decode', contexts, ...(batch === undefined ? {} : { batch }) })[0]?.notes ?? [];

  it('name counting and precision, and whether weights are charged', () => {
    expect(notesOf()).toEqual(['counting: exact (mlaValueWidth, chunkPosition, perOperatorRoofline, router, head, kvWrite)', 'precision: paper', 'weights: not charged (ideal batch)']);
    expect(notesOf(step3Counting)).toContain('counting: step3');
    expect(notesOf(exactCounting, [h800], [8192], 16)).toContain('weights: charged at batch 16');
  });

  it('say where a chip lacks the format', () => expect(notesOf(exactCounting, [a800])).toContain('math: fp8 runs at the bf16 peak of a800'));

  it('say in which format the chip computes instead', () => {
    const [row] = costRows([step3], [h800], { ...decode, precision: { ...precisionPolicies.fp8, math: { ...precisionPolicies.fp8.math, ffn: 'int4' } } });
    expect(row?.notes).toContain('math: int4 runs at the fp8 peak of h800');
  });

  it('say where the context is beyond the trained one, and not on it', () => {
    expect(notesOf(exactCounting, [h800], [65537])).toContain('context: 65537 is beyond the trained 65536');
    expect(notesOf(exactCounting, [h800], [65536]).filter((note) => note.startsWith('context'))).toEqual([]);
  });
});

describe('countingName', () => {
  it('is step3, exact, or what differs from step3', () => {
    expect(countingName(step3Counting)).toBe('step3');
    expect(countingName(exactCounting)).toBe('exact (mlaValueWidth, chunkPosition, perOperatorRoofline, router, head, kvWrite)');
    expect(countingName({ ...step3Counting, head: true, router: true })).toBe('step3 with router, head');
  });
});

describe('AFD rows', () => {
  // section 1, observation 1: attention and FFN disaggregated over H800 and H20
  it.each([
    ['step-3', '0.055', '0.129', 'afd:h20+h800'],
    ['qwen3-235b-a22b', '0.062', '0.193', 'afd:h20+h800'],
  ] as const)('%s costs %s at 8K and %s at 32K', (id, short, long, accelerator) => {
    const rows = afdRows(id);
    expect(rows.map((row) => row.accelerator)).toEqual([accelerator, accelerator]);
    assertPrinted(rows[0]?.totalUsdPerMtok ?? 0, short, `observation 1, ${id}, 8K`);
    assertPrinted(rows[1]?.totalUsdPerMtok ?? 0, long, `observation 1, ${id}, 32K`);
  });

  it('deepseek-v3 on H800 alone, expert-parallel, costs 0.068 at 8K and 0.211 at 32K', () => {
    const [short, long] = costRows([modelOf('deepseek-v3')], [h800], decode) as readonly [CostRow, CostRow];
    assertPrinted(short.totalUsdPerMtok, '0.068', 'observation 1, DSv3, 8K');
    assertPrinted(long.totalUsdPerMtok, '0.211', 'observation 1, DSv3, 32K');
  });

  const FIGURE_1 = {
    DSv3: '0.068',
    'Kimi K2': '0.065',
    'Qwen3 MoE': '0.062',
    'Qwen3 32B': '0.083',
    'Llama 4 M': '0.067',
    'MM M1': '0.095',
    'ERNIE 4.5': '0.084',
    'Pangu Pro': '0.056',
    'Step-3': '0.055',
  };
  it.each(PAPER_MODELS)('$paperName costs what Figure 1 shows at 8K', ({ paperName, model }) => {
    const chips = ['h800', 'h20', 'a800', 'ascend-910b'].map(chipOf);
    const [row] = costRows([model], chips, { ...decode, contexts: [8192], afd: true }).slice(-1);
    assertPrinted(row?.totalUsdPerMtok ?? 0, FIGURE_1[paperName as keyof typeof FIGURE_1], `Figure 1, ${paperName}`);
  });

  it('take the cheapest chip for each part, and never cost more than one chip', () => {
    for (const { model } of PAPER_MODELS)
      for (const counting of [step3Counting, exactCounting]) {
        const rows = costRows([model], [h800, h20, a800], { counting, phase: 'decode', contexts: [100, 8192, 100_000], afd: true });
        for (const afd of rows.slice(-3)) {
          const chips = rows.slice(0, -3).filter(({ context }) => context === afd.context);
          expect(afd.attentionUsdPerMtok).toBe(Math.min(...chips.map((row) => row.attentionUsdPerMtok)));
          expect(afd.ffnUsdPerMtok).toBe(Math.min(...chips.map((row) => row.ffnUsdPerMtok)));
          expect(afd.totalUsdPerMtok).toBe(afd.attentionUsdPerMtok + afd.ffnUsdPerMtok + afd.headUsdPerMtok);
          expect(afd.totalUsdPerMtok).toBeLessThanOrEqual(Math.min(...chips.map((row) => row.totalUsdPerMtok)) * (1 + 1e-12));
          const [attention, ffn] = afd.accelerator.slice('afd:'.length).split('+');
          const of = (id?: string) => chips.find((row) => row.accelerator === id) as CostRow;
          expect([of(attention).attentionUsdPerMtok, of(ffn).ffnUsdPerMtok]).toEqual([afd.attentionUsdPerMtok, afd.ffnUsdPerMtok]);
          expect(afd.headUsdPerMtok).toBe(of(ffn).headUsdPerMtok);
          expect(afd.bound).toBe(of(attention).bound);
        }
      }
  });

  it('run the head with the feed-forward, also where another chip would be cheaper', () => {
    const third = withOverrides(a800, { peak: { bf16: 1e15 }, usdPerHour: 1.5, memoryBandwidth: 1e12 });
    const precision = { ...precisionPolicies.fp8, math: { ...precisionPolicies.fp8.math, head: 'bf16' } } as const;
    const rows = costRows([step3], [h800, h20, third], { counting: exactCounting, precision, phase: 'decode', contexts: [8192], afd: true });
    const [on800, , onThird, afd] = rows as readonly [CostRow, CostRow, CostRow, CostRow];
    expect(afd.accelerator).toBe('afd:h20+h800');
    expect(onThird.headUsdPerMtok).toBeLessThan(on800.headUsdPerMtok);
    expect(afd.headUsdPerMtok).toBe(on800.headUsdPerMtok);
  });

  it('note each chip that lacks a format, once', () => {
    const [no800, no20] = [withOverrides(h800, { peak: { fp8: null } }), withOverrides(h20, { peak: { fp8: null }, usdPerHour: 0.3 })];
    const noted = (chips: Parameters<typeof afdRows>[1]) =>
      afdRows('step-3', chips)
        .slice(0, 1)
        .map((row) => [row.accelerator, ...row.notes.filter((note) => note.startsWith('math:'))]);
    const [on800, on20] = ['h800', 'h20'].map((id) => `math: fp8 runs at the bf16 peak of ${id}`);
    expect(noted([h800, h20])).toEqual([['afd:h20+h800']]);
    expect(noted([no800, h20])).toEqual([['afd:h20+h800', on800]]);
    expect(noted([no800, no20])).toEqual([['afd:h20+h800', on20, on800]]);
    expect(noted([no800])).toEqual([['afd:h800+h800', on800]]);
  });

  it('of one chip are that chip', () => {
    const [row, afd] = costRows([step3], [h800], { ...decode, contexts: [8192], afd: true }) as readonly [CostRow, CostRow];
    expect(afd).toEqual({ ...row, accelerator: 'afd:h800+h800', notes: [...row.notes, 'afd: communication hidden'] });
  });
});

describe('costRows, prefill and request', () => {
  it('prefill has the work of a prompt and the cost of a million of its tokens', () => {
    const [row] = costRows([step3], [h800], { counting: exactCounting, phase: 'prefill', contexts: [1000] });
    const point = costAt(compile(step3, { phase: 'prefill' }), unitCosts(h800, step3.precision.math), 1000);
    expect(row).toMatchObject({ context: 1000, attentionFlop: point.attentionFlop, totalUsdPerMtok: point.totalUsdPerMtok });
  });

  it('request has the work of a request and the cost of a million output tokens', () => {
    const [row] = costRows([step3], [h800], { counting: exactCounting, phase: 'request', prompt: 1000, output: 200 });
    const cost = requestCost(step3, () => unitCosts(h800, step3.precision.math), { prompt: 1000, output: 200 });
    expect(row).toMatchObject({
      context: 1200,
      kvBytesRead: cost.kvBytesRead,
      attentionFlop: cost.attentionFlop,
      linearFlop: cost.linearFlop,
      ffnFlop: cost.ffnFlop,
      headFlop: cost.headFlop,
      maxContext: 65536,
    });
    expect(row?.totalUsdPerMtok).toBeCloseTo((1e6 * cost.totalUsd) / 200, 9);
    expect(row?.attentionUsdPerMtok).toBeCloseTo((1e6 * cost.attentionUsd) / 200, 9);
    expect(row?.notes).toContain('request: prompt 1000, output 200; USD per million output tokens, prefill included');
  });

  it('request says what its attention waits for in all: Step-3 for memory on H800 where it decodes much, for compute where it prefills', () => {
    const bound = (prompt: number, output: number) => costRows([step3], [h800], { counting: exactCounting, phase: 'request', prompt, output })[0]?.bound;
    expect([bound(10, 10_000), bound(100_000, 1)]).toEqual(['memory', 'compute']);
  });

  it('request on a free chip waits for compute', () => {
    const free = withOverrides(h800, { usdPerHour: 0 });
    expect(costRows([step3], [free], { counting: exactCounting, phase: 'request', prompt: 10, output: 10_000 })[0]).toMatchObject({ bound: 'compute', totalUsdPerMtok: 0 });
  });

  it('request may be disaggregated too', () => {
    const rows = costRows([step3], [h800, h20], { counting: exactCounting, phase: 'request', prompt: 1000, output: 200, afd: true });
    expect(rows.map((row) => row.accelerator)).toEqual(['h800', 'h20', expect.stringMatching(/^afd:h(800|20)\+h800$/)]);
  });
});

describe('costRows refuses', () => {
  const unpriced = withOverrides(h800, { usdPerHour: null });
  it.each([
    ['no models', () => costRows([], [h800], decode), /^cost: models \[\] is empty$/],
    ['no chips', () => costRows([step3], [], decode), /^cost: accelerators \[\] is empty$/],
    ['no contexts', () => costRows([step3], [h800], { ...decode, contexts: [] }), /^cost: contexts \[\] is empty$/],
    ['a model twice', () => costRows([step3, step3], [h800], decode), /^cost: models step-3 is given twice$/],
    ['a chip twice', () => costRows([step3], [h800, h20, h800], decode), /^cost: accelerators h800 is given twice$/],
    ['a context of zero', () => costRows([step3], [h800], { ...decode, contexts: [0] }), /^cost: contextLength 0 is not a positive integer$/],
    ['half a sequence', () => costRows([step3], [h800], { ...decode, batch: 0.5 }), /^cost: batch 0\.5 is not a positive integer$/],
    ['a request in a batch', () => costRows([step3], [h800], { counting: exactCounting, phase: 'request', prompt: 1, output: 1, batch: 8 }), /^cost: batch 8 is not available for phase request$/],
    ['a request without output', () => costRows([step3], [h800], { counting: exactCounting, phase: 'request', prompt: 1, output: 0 }), /^request: output 0 is not a positive integer$/],
    ['a chip without a price', () => costRows([step3], [unpriced], decode), /^accelerator h800: usdPerHour null has no price in USD/],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(RangeError);
    expect(call).toThrow(message);
  });
});
