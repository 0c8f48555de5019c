import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Evidence, paperScenario } from '../../src/evidence/index.ts';
import { ablationRows } from '../../src/papers/distserve/ablation.ts';
import { becauseOf } from '../../src/papers/distserve/curve-deviations.ts';
import { drawnLine, simulatedLine } from '../../src/papers/distserve/curve-items.ts';
import { AXES, curveError, curveRows, type EvaluationCase, evaluationCases, lastAt, panelOf, runOfPoint, SIMULATED, type SimulatedSystem } from '../../src/papers/distserve/curves.ts';
import { shareGptLengths } from '../../src/papers/distserve/data/sharegpt.ts';
import { engineStepSeconds, kernelStepSeconds } from '../../src/papers/distserve/decode-scaling.ts';
import { histogramLoad } from '../../src/papers/distserve/load.ts';
import { labelledTraces, runOfTrace } from '../../src/papers/distserve/measured-runs.ts';
import { rankPlacements } from '../../src/papers/distserve/placements.ts';
import { estimatorOf, loadOfSent, placementOf, type Run } from '../../src/papers/distserve/runs.ts';
import { distservePaper, openEvidence } from '../../src/papers/index.ts';
import { attainmentOf } from '../../src/serving/disaggregation/attainment.ts';
import type { Cluster, Pool } from '../../src/serving/disaggregation/cluster.ts';
import { clusterOf } from '../../src/serving/disaggregation/estimator.ts';
import { goodput } from '../../src/serving/disaggregation/goodput.ts';
import { type Load, requestsAt } from '../../src/serving/disaggregation/load.ts';
import { placementText } from '../../src/serving/disaggregation/placement.ts';
import { simulate } from '../../src/serving/disaggregation/simulate.ts';

const evidence: Evidence = openEvidence(paperScenario);
const numberOf = (id: string): number => evidence.number(`distserve/${id}`).value;
const caseOf = (id: string): EvaluationCase => evaluationCases.find((each) => each.id === id) as EvaluationCase;
const deviationOf = (cell: string): string | undefined => distservePaper.deviations.find((each) => each.cell === `distserve/${cell}`)?.because;

/** A run with other times or other lengths. */
interface Changed {
  readonly prefill?: number;
  readonly decode?: number;
  readonly load?: Load;
}

function outcomeWith({ engine, splits, model, mode, sent, rate }: Run, { prefill = 1, decode = 1, load = loadOfSent(sent) }: Changed = {}) {
  const cluster = clusterOf(estimatorOf(model, mode), placementOf({ engine, splits }));
  const scaled = (pool: Pool): Pool => ({
    ...pool,
    times: { prefill: (...batch) => prefill * pool.times.prefill(...batch), decode: (...batch) => decode * pool.times.decode(...batch) },
  });
  const changed: Cluster = cluster.kind === 'colocated' ? { ...cluster, pool: scaled(cluster.pool) } : { ...cluster, prefill: scaled(cluster.prefill), decode: scaled(cluster.decode) };
  return simulate(requestsAt(load, rate), changed);
}

const later = ({ sent }: Run, from: number): Load => {
  const { prompt, output } = shareGptLengths;
  const part = (values: readonly number[]): Int32Array => Int32Array.from(values.slice(from, from + sent.requests));
  return { ...loadOfSent(sent), prompt: part(prompt), output: part(output) };
};
const LATER = [300, 600, 900, 1200] as const;

const pointsWith = (id: string, system: SimulatedSystem, axis: (typeof AXES)[number], changed?: (run: Run) => Changed) => {
  const evaluated = caseOf(id);
  const { x } = panelOf(evaluated, axis);
  const at = (rate: number, scale: number): number => {
    const run = runOfPoint(evaluated, system, rate);
    return attainmentOf(outcomeWith(run, changed?.(run)), evaluated.slo, { scale }).both;
  };
  return x.map((value) => ({ x: value, y: axis === 'rate' ? at(value, 1) : at(evaluated.drawn.sloScaleRate, value) }));
};
const errorWith = (id: string, system: SimulatedSystem, axis: (typeof AXES)[number], changed?: (run: Run) => Changed): number => {
  const drawn = panelOf(caseOf(id), axis).attainmentPercent[system] as readonly number[];
  const points = pointsWith(id, system, axis, changed);
  return points.reduce((sum, { y }, at) => sum + Math.abs(100 * y - (drawn[at] as number)), 0) / points.length;
};

describe('curves of Figures 8 and 9', () => {
  it('have every drawn point of both systems, with numbers of their own', () => {
    for (const evaluated of evaluationCases)
      for (const system of SIMULATED)
        for (const axis of AXES) {
          const rows = curveRows(evaluated, system, axis);
          expect(rows.map(({ x }) => x)).toEqual(panelOf(evaluated, axis).x);
          for (const { x, measured, simulated } of rows) {
            const path = `${evaluated.figure}/${evaluated.id}/${system}/${axis}/${x}`;
            expect([numberOf(`simulated/${path}`), numberOf(`plotted/${path}`)]).toEqual([simulated, expect.closeTo(measured, 12)]);
          }
          expect(numberOf(`${evaluated.figure}/${evaluated.id}/${system}/${axis}-error`)).toBe(curveError(rows));
        }
  });

  it('meet where rate and objectives are the same', () => {
    const evaluated = caseOf('opt-13b');
    for (const system of SIMULATED)
      expect(curveRows(evaluated, system, 'rate').find(({ x }) => x === evaluated.drawn.sloScaleRate)?.simulated).toBe(curveRows(evaluated, system, 'slo-scale').find(({ x }) => x === 1)?.simulated);
  });

  it('have their lines where the figures have them, by the same rule', () => {
    for (const evaluated of evaluationCases)
      for (const system of SIMULATED)
        for (const axis of AXES) {
          const drawn = panelOf(evaluated, axis);
          const points = drawn.x.map((x, at) => ({ x, y: (drawn.attainmentPercent[system]?.[at] as number) / 100 }));
          expect(Math.abs(lastAt(points, 0.9) - drawnLine(evaluated, system, axis)), `${evaluated.id} ${system} ${axis}`).toBeLessThan(0.002);
        }
    expect(lastAt([{ x: 1, y: 0.5 }], 0.9)).toBe(1);
    expect(() => lastAt([], 0.9)).toThrow(/points 0/);
  });

  it('are within 5 points in the mean for ten of sixteen, 4.2 over all', () => {
    const errors = evaluationCases.flatMap((evaluated) => SIMULATED.flatMap((system) => AXES.map((axis) => 100 * curveError(curveRows(evaluated, system, axis)))));
    expect(errors.filter((error) => error <= 5 + 1e-9)).toHaveLength(10);
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(4.3);
  });

  it('give the gain over vLLM', () => {
    const gains = evaluationCases.map((evaluated) => simulatedLine(evaluated, 'distserve', 'rate') / simulatedLine(evaluated, 'vllm', 'rate'));
    expect(evaluationCases.map(({ figure, id }) => numberOf(`predicted-gain/${figure}/${id}`))).toEqual(gains);
    expect(gains[1]).toBeCloseTo(2.53, 2);
    // at least so much: vLLM is below 90 % from the lowest rate on
    expect(evaluationCases.map(({ figure, id }) => evidence.number(`distserve/predicted-gain/${figure}/${id}`).note !== null)).toEqual([true, false, true, false]);
  });

  it.each([
    'simulated/figure-8/opt-13b/distserve/rate/0.26',
    'simulated/figure-8/opt-175b/vllm/rate/0.25',
    'plotted/figure-9/opt-13b/vllm/rate/1',
    'predicted-gain/figure-8/opt-13b/vllm',
    'simulated/figure-11/distserve/rate/0.5',
    'plotted/figure-11/vllm/rate/9',
    'setting/requests/0',
    'setting/nothing/1',
    'coefficient/vllm/opt-13b/8/prefill/0',
    'coefficient/vllm/opt-13b/1/prefill/3',
    'engine/vllm/nothing',
    'trace/vllm-100-1/other',
    'trace/nothing/measured',
  ])('%s names none', (path) => expect(evidence.find(`distserve/${path}`)).toBeNull());
});

describe('reasons of deviations', () => {
  it('of curves: what other times and other lengths give', () => {
    expect(LATER.map((from) => errorWith('opt-13b', 'vllm', 'slo-scale', (run) => ({ load: later(run, from) })).toFixed(1)).sort()).toEqual(['0.9', '1.0', '2.2', '4.3']);
    expect(
      LATER.map((from) =>
        lastAt(
          pointsWith('opt-13b', 'vllm', 'rate', (run) => ({ load: later(run, from) })),
          0.9,
        ).toFixed(2),
      ).sort(),
    ).toEqual(['0.25', '0.37', '0.50', '0.70']);
    expect(errorWith('opt-66b', 'distserve', 'slo-scale', () => ({ decode: 0.95 }))).toBeCloseTo(0.6, 1);
    expect(
      lastAt(
        pointsWith('opt-66b', 'distserve', 'slo-scale', () => ({ decode: 0.95 })),
        0.9,
      ),
    ).toBeCloseTo(0.7, 2);
    const others = LATER.map((from) =>
      lastAt(
        pointsWith('opt-66b', 'distserve', 'slo-scale', (run) => ({ load: later(run, from) })),
        0.9,
      ),
    );
    expect([Math.min(...others).toFixed(2), Math.max(...others).toFixed(2)]).toEqual(['0.70', '0.79']);
    expect(
      lastAt(
        pointsWith('humaneval', 'distserve', 'rate', () => ({ prefill: 0.95 })),
        0.9,
      ),
    ).toBeCloseTo(1.09, 2);
    expect(errorWith('longbench', 'distserve', 'rate', () => ({ prefill: 1.1 }))).toBeCloseTo(1.65, 2);
    expect(errorWith('longbench', 'distserve', 'slo-scale', () => ({ decode: 0.9 }))).toBeCloseTo(2.17, 2);
    expect(becauseOf('figure-8/opt-13b/distserve/rate-error')).toBeUndefined();
  });

  it('of curves: what other draws of the lengths give', () => {
    const drawn = (dataSet: 'humaneval' | 'longbench', of: (changed: (run: Run) => Changed) => number): readonly string[] => {
      const values = [2, 3, 4, 5, 6, 7, 8].map((seed) => of(({ sent }) => ({ load: histogramLoad(dataSet, sent.requests, true, seed) })));
      return [Math.min(...values).toFixed(2), Math.max(...values).toFixed(2)];
    };
    expect(drawn('humaneval', (changed) => errorWith('humaneval', 'vllm', 'rate', changed))).toEqual(['5.55', '10.33']);
    expect(drawn('longbench', (changed) => errorWith('longbench', 'distserve', 'rate', changed))).toEqual(['4.50', '6.00']);
    expect(drawn('longbench', (changed) => lastAt(pointsWith('longbench', 'vllm', 'rate', changed), 0.9))).toEqual(['0.14', '0.18']);
    expect(drawn('longbench', (changed) => errorWith('longbench', 'vllm', 'slo-scale', changed))[0]).toBe('6.89');
  });

  it('of curves: where ours and the figures are apart', () => {
    const at = (id: string, system: SimulatedSystem, axis: (typeof AXES)[number], x: number) => {
      const row = curveRows(caseOf(id), system, axis).find((each) => each.x === x);
      return [Math.round(100 * (row?.simulated as number)), 100 * (row?.measured as number)];
    };
    expect(at('opt-13b', 'vllm', 'rate', 0.25)).toEqual([86, 90]);
    expect([at('opt-66b', 'vllm', 'slo-scale', 2.5), at('opt-66b', 'vllm', 'slo-scale', 3)]).toEqual([
      [87, 92],
      [92, 94],
    ]);
    expect(at('humaneval', 'vllm', 'rate', 0.125)).toEqual([87, 91.5]);
    for (const { x, measured, simulated } of curveRows(caseOf('humaneval'), 'vllm', 'rate'))
      if (x > 1.5) expect([simulated, measured].map((share) => Math.round(10 * share))).toEqual([5, expect.toBeOneOf([3, 4])]);
      else expect(Math.abs(simulated - measured)).toBeLessThan(0.0501);
    expect([at('longbench', 'vllm', 'rate', 0.125), at('longbench', 'vllm', 'rate', 0.1875)]).toEqual([
      [97, 90],
      [89, 82],
    ]);
    expect(at('longbench', 'vllm', 'slo-scale', 7)).toEqual([96, 87]);
    expect(at('longbench', 'distserve', 'slo-scale', 0.55)).toEqual([23, 67.51]);
  });

  it('of measured runs: what times a little shorter or longer give', () => {
    const given = (id: string, factor: number): string => {
      const run = runOfTrace(labelledTraces.find((each) => each.id === id) as (typeof labelledTraces)[number]);
      return (100 * attainmentOf(outcomeWith(run, { prefill: factor, decode: factor }), { ttft: 0.25, tpot: 0.1 }).both).toFixed(0);
    };
    expect(['distserve-c21d12-1000-10', 'distserve-c21d12-1200-12', 'distserve-c21d12-1400-14', 'vllm-100-1', 'vllm-250-2.5'].map((id) => given(id, 0.98))).toEqual(['77', '24', '9', '84', '77']);
    expect([1.02, 1.05, 0.95].map((factor) => given('vllm-350-3.5', factor))).toEqual(['28', '18', '53']);
  });

  it('of the README: other lengths of the same list', () => {
    const { prompt, output } = shareGptLengths;
    const { gaps } = loadOfSent({ dataSet: 'sharegpt', requests: 300, spanIsExact: false });
    const cluster = clusterOf(estimatorOf('opt-13b', 'released'), placementOf({ engine: 'distserve', splits: [2, 1, 1, 1] }));
    const rates = Array.from({ length: 14 }, (_, part) => {
      const of = (values: readonly number[]): Int32Array => Int32Array.from(values.slice(100 * part, 100 * part + 300));
      return goodput(cluster, [{ gaps, prompt: of(prompt), output: of(output) }], { slo: { ttft: 0.2, tpot: 0.1 }, criterion: 'separate', share: 0.9 }, { highest: 15, within: 0.75 }).rate / 3;
    });
    expect([Math.min(...rates), Math.max(...rates)]).toEqual([1.40625, 2.03125]);
    expect(rates).toContain(1.5625);
  });

  it('of Table 3: what is better', () => {
    const best = (id: string, mode: 'released' | 'limited' | 'engine', gpus = 8) =>
      rankPlacements(caseOf(id), mode, gpus).map(({ candidate, ratePerChip }) => [placementText(candidate), ratePerChip] as const);
    expect(best('opt-13b', 'limited', 4)[0]).toEqual(['1 x TP 2 + 1 x TP 1', 2.34375]);
    for (const mode of ['released', 'limited'] as const) expect(best('opt-13b', mode).slice(0, 2)).toContainEqual(['1 x TP 4 + 1 x TP 2', 3.125]);
    expect(best('opt-66b', 'released')[0]).toEqual(['1 x TP 4 + 1 x TP 2', 1.1875]);
    expect(best('opt-66b', 'limited').slice(0, 3)).toEqual([
      ['1 x TP 3 + 1 x TP 3', 0.875],
      ['1 x TP 4 + 1 x TP 2 PP 2', 0.875],
      ['1 x TP 4 + 1 x TP 4', 0.875],
    ]);
    for (const mode of ['limited', 'engine'] as const) {
      expect(best('humaneval', mode)[0]?.[0]).toBe('1 x TP 4 + 1 x TP 2');
      const ranked = new Map(best('longbench', mode));
      expect(((ranked.get('1 x TP 4 + 1 x TP 3') as number) - (ranked.get('1 x TP 4 + 1 x TP 2 PP 2') as number)) / 0.0625).toBe(mode === 'limited' ? 1 : 2);
    }
    expect([numberOf('kv-capacity/opt-66b/2x1/tokens'), numberOf('kv-capacity/opt-66b/2x2/tokens')]).toEqual([11_600, 78_512]);
  });

  it('of Figure 5: host time and passes', () => {
    const [a, b, c] = ([0, 1, 2] as const).map((place) => numberOf(`coefficient/distserve/opt-13b/2/large/${place}`)) as [number, number, number];
    expect(1e3 * (a + b * 128 * 257 + c * 128)).toBeCloseTo(31.9, 0);
    const host = numberOf('engine/distserve/stepSeconds') + 128 * numberOf('engine/distserve/requestSeconds');
    expect([1e3 * host, 1e3 * (engineStepSeconds('intra-op', 2) - host)]).toEqual([expect.closeTo(16.6, 1), expect.closeTo(31.9, 1)]);
    expect([1, 4, 8].map((gpus) => (1e3 * (kernelStepSeconds(gpus) - host)).toFixed(1))).toEqual(['33.7', '11.7', '8.3']);
  });
});

describe('Figures 1, 10 and 11', () => {
  it('1: the text follows from the annotations', () => {
    expect([numberOf('text/goodput-per-gpu'), numberOf('text/goodput-gain')]).toEqual([expect.closeTo(10 / 3, 12), expect.closeTo(10 / 3 / 1.6, 12)]);
  });

  it('10: the way is what the median transfer of OPT-13B reached', () => {
    expect(numberOf('figure-10/opt-13b/median-transfer')).toBeCloseTo(0.0034, 9);
    expect(numberOf('mean-prompt-bytes/opt-66b') / 0.0054 / 1e9).toBeCloseTo(330, 0);
    expect(numberOf('mean-prompt-bytes/opt-175b') / 0.0032 / 1e9).toBeCloseTo(1114, 0);
    expect(evidence.number('accelerator/a100-80g/scaleUpPerDirection').value).toBe(300e9);
    expect(deviationOf('figure-10/opt-66b/median-transfer')).toMatch(/330 GB/);
  });

  it('11: vLLM on eight GPUs is what is drawn, to 3 points; on four it is not', () => {
    const rows = ablationRows('rate');
    expect(100 * numberOf('figure-11/vllm/rate-error')).toBeLessThan(3.3);
    expect(rows.map(({ simulated }) => Number((100 * simulated).toFixed(1)))).toEqual([97, 95, 86.5, 62.5, 25.5, 14.5, 10]);
    const onFour = [71, 68, 56, 39, 15, 7, 5];
    expect(['0.25', '0.5', '1', '1.5', '2', '2.5', '3'].map((rate) => Math.round(100 * numberOf(`simulator/opt66b-vllm-4-1-rate${rate}-n100-slo400-100`)))).toEqual(onFour);
    expect(Math.max(...rows.map(({ plotted }, at) => 100 * plotted - (onFour[at] as number)))).toBeGreaterThan(20);
  });
});

const SHARED = resolve(import.meta.dirname, '../../../shared/papers/distserve/real_traces');

describe.skipIf(!existsSync(SHARED))('reasons of deviations, from the times of the requests (skipped where that folder is absent)', () => {
  const rowsOf = (id: string): readonly (readonly number[])[] =>
    readFileSync(resolve(SHARED, `${id}.csv`), 'utf8')
      .split('\n')
      .filter((line) => /^\d/.test(line))
      .map((line) => line.split(',').map(Number));
  const middle = (id: string, column: number): number => {
    const sorted = rowsOf(id)
      .map((row) => row[column] as number)
      .sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] as number;
  };

  it('the machine was not the same in each run', () => {
    expect(['distserve-c21d12-1600-16', 'distserve-c21d12-1400-14'].map((id) => Math.round(middle(id, 5)))).toEqual([178, 236]);
    expect(
      ['vllm-100-2', 'vllm-250-2.5', 'vllm-150-1.5'].map((id) => Math.abs(middle(id, 4) - { 'vllm-100-2': 191, 'vllm-250-2.5': 154, 'vllm-150-1.5': 146 }[id as 'vllm-100-2'])).every((off) => off < 3),
    ).toBe(true);
  });

  it.each([
    ['vllm-100-1', 7, 5],
    ['vllm-250-2.5', 20, 10],
  ])('%s: of %i requests that differ %i took within a tenth of 250 ms in both', (id, differ, near) => {
    const run = runOfTrace(labelledTraces.find((each) => each.id === id) as (typeof labelledTraces)[number]);
    const { firstToken, finish, steps, requests } = outcomeWith(run);
    const pairs = rowsOf(id).map((row, at) => {
      const ttft = 1e3 * ((firstToken[at] as number) - (requests.arrival[at] as number));
      const tpot = (1e3 * ((finish[at] as number) - (firstToken[at] as number))) / Math.max(1, steps[at] as number);
      return { measured: [row[4] as number, row[5] as number] as const, simulated: [ttft, tpot] as const };
    });
    const isKept = ([ttft, tpot]: readonly [number, number]): boolean => ttft <= 250 && tpot <= 100;
    const differing = pairs.filter(({ measured, simulated }) => isKept(measured) !== isKept(simulated));
    expect([differing.length, differing.filter(({ measured, simulated }) => [measured[0], simulated[0]].every((ttft) => Math.abs(ttft - 250) < 25)).length]).toEqual([differ, near]);
  });
});
