import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelEntries } from '../../src/models/index.ts';
import { headline, textGains } from '../../src/papers/distserve/data/claims.ts';
import type { Attainment, AttainmentPanel, Curve, System } from '../../src/papers/distserve/data/curve.ts';
import { figure1, figure1Text } from '../../src/papers/distserve/data/figure1.ts';
import { figure2 } from '../../src/papers/distserve/data/figure2.ts';
import { figure3 } from '../../src/papers/distserve/data/figure3.ts';
import { figure4 } from '../../src/papers/distserve/data/figure4.ts';
import { figure5 } from '../../src/papers/distserve/data/figure5.ts';
import { figure8 } from '../../src/papers/distserve/data/figure8.ts';
import { figure9 } from '../../src/papers/distserve/data/figure9.ts';
import { figure10Breakdown, figure10Transfer } from '../../src/papers/distserve/data/figure10.ts';
import { figure11 } from '../../src/papers/distserve/data/figure11.ts';
import { figure12 } from '../../src/papers/distserve/data/figure12.ts';
import { baselineTensorParallel, table1, table2, table3 } from '../../src/papers/distserve/data/tables.ts';
import { LENGTH_BINS, lengthHistograms } from '../../src/papers/distserve/data/workloads.ts';
import { asPrinted } from '../../src/papers/index.ts';

const evaluations: readonly (readonly [string, Attainment])[] = [...Object.entries(figure8), ...Object.entries(figure9)];
const panels: readonly (readonly [string, AttainmentPanel])[] = evaluations.flatMap(([name, each]) => [
  [`${name}, rate`, each.rate] as const,
  [`${name}, scale of objectives`, each.sloScale] as const,
]);
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The value of a curve between its points. */
function between({ x, y }: Curve, at: number): number {
  const next = x.findIndex((value, index) => index > 0 && (at - value) * (at - (x[index - 1] as number)) <= 0);
  const [from, to, low, high] = [x[next - 1], x[next], y[next - 1], y[next]] as [number, number, number, number];
  return low + ((high - low) * (at - from)) / (to - from);
}

describe('attainment of Figures 8 and 9', () => {
  it.each(panels)('%s: every curve has a value for each point of the axis, in per cent', (_, { x, attainmentPercent }) => {
    expect(Object.keys(attainmentPercent)).toContain('distserve');
    for (const curve of Object.values(attainmentPercent)) {
      expect(curve).toHaveLength(x.length);
      for (const value of curve) expect(value).toBeGreaterThanOrEqual(0);
      expect(Math.max(...curve)).toBeLessThanOrEqual(100);
    }
    // one way along the axis
    expect([[...x].sort((a, b) => a - b), [...x].sort((a, b) => b - a)]).toContainEqual(x);
  });

  it.each(panels)('%s: each line is where the curve has the attainment, or at the end of the axis where it never has', (_, { x, attainmentPercent, lines }) => {
    expect(lines).toHaveLength(2);
    for (const { percent, at } of lines) {
      expect(Object.keys(at)).toEqual(Object.keys(attainmentPercent));
      for (const [system, place] of Object.entries(at)) {
        const y = attainmentPercent[system as System] as readonly number[];
        if (Math.max(...y) < percent) expect(place, system).toBe(x[0]);
        else expect(Math.abs(between({ x, y }, place) - percent), system).toBeLessThan(0.05);
      }
    }
  });

  it('has an upper and a lower panel that meet: the scale 1 is at the fixed rate', () => {
    // OPT-66B has no point at the scale 1
    for (const [name, { rate, sloScale, sloScaleRate }] of evaluations)
      for (const [system, y] of Object.entries(rate.attainmentPercent))
        expect(between({ x: sloScale.x, y: sloScale.attainmentPercent[system as System] as readonly number[] }, 1), `${name} ${system}`).toBeCloseTo(
          between({ x: rate.x, y }, sloScaleRate),
          name === 'opt-66b' ? -1 : 1,
        );
  });

  it('has the lines of the headline: the highest gain in rate and in objectives', () => {
    const gains = evaluations.map(([, { rate, sloScale }]) => {
      const [atRate, atScale] = [rate, sloScale].map(({ lines }) => lines[0]?.at as Readonly<Partial<Record<System, number>>>) as [Partial<Record<System, number>>, Partial<Record<System, number>>];
      return {
        rate: Math.max(...Object.values(atRate).map((other) => (atRate.distserve as number) / other)),
        slo: Math.max(...Object.values(atScale).map((other) => other / (atScale.distserve as number))),
      };
    });
    expect(asPrinted(Math.max(...gains.map(({ rate }) => rate)), headline.rate)).toBe(headline.rate);
    expect(asPrinted(Math.max(...gains.map(({ slo }) => slo)), headline.slo)).toBe(headline.slo);
    expect([textGains.chatbot['deepspeed-mii'].rate.most, textGains.summarization.vllm.slo.most]).toEqual([headline.rate, headline.slo]);
  });
});

describe('other figures', () => {
  it('have as many values as points, in order', () => {
    const curves: readonly Curve[] = [
      ...Object.values(figure1.ttftSeconds),
      ...Object.values(figure1.tpotSeconds),
      ...Object.values(figure2).flatMap(({ withPrefillMs, decodeMs }) => [withPrefillMs, decodeMs]),
      ...Object.values(figure3).flatMap((phase) => Object.values(phase)),
      ...Object.values(figure4).flatMap((panel) => Object.values(panel)),
      ...Object.values(figure10Transfer).map(({ distribution }) => distribution),
      ...Object.values(figure11).flatMap(({ x, attainmentPercent }) => Object.values(attainmentPercent).map((y) => ({ x: x[0] === 1.2 ? [...x].reverse() : x, y }))),
      ...Object.values(figure5).flatMap(({ gpus, latencyMs, tokensPerSecond }) => [latencyMs, tokensPerSecond].map((y) => ({ x: gpus, y }))),
      ...[figure12.lowAffinitySeconds, figure12.highAffinitySeconds].map((y) => ({ x: figure12.gpus, y })),
    ];
    expect(curves).toHaveLength(2 + 2 + 4 + 8 + 8 + 3 + 8 + 4 + 2);
    for (const { x, y } of curves) {
      expect(y).toHaveLength(x.length);
      expect([...x].sort((a, b) => a - b)).toEqual(x);
    }
  });

  it('1: goodput is where a curve reaches its objective', () => {
    const { ttftSeconds, tpotSeconds, slo, goodput } = figure1;
    expect(between(ttftSeconds.prefill, Number(goodput.prefill))).toBeCloseTo(slo.ttftSeconds, 1);
    expect(between(tpotSeconds.colocated, Number(goodput.colocated))).toBeCloseTo(slo.tpotSeconds, 2);
    expect(between(tpotSeconds.decode, Number(goodput.decode))).toBeCloseTo(slo.tpotSeconds, 3);
    const perGpu = Math.min(2 * Number(goodput.prefill), Number(goodput.decode)) / 3;
    expect(asPrinted(perGpu, figure1Text.goodputPerGpu)).toBe(figure1Text.goodputPerGpu);
    expect(asPrinted(perGpu / Number(goodput.colocated), figure1Text.gain)).toBe(figure1Text.gain);
  });

  it('5: a step of shared operators yields a token of each of 128 requests; stages yield nearly as many times more', () => {
    const { 'intra-op': intra, 'inter-op': inter } = figure5;
    for (const [at, tokens] of intra.tokensPerSecond.entries()) expect(tokens / (128 / ((intra.latencyMs[at] as number) / 1e3))).toBeCloseTo(1, 1);
    for (const [at, tokens] of inter.tokensPerSecond.entries()) expect((tokens * (inter.latencyMs[at] as number)) / (128e3 * (inter.gpus[at] as number))).toBeGreaterThan(0.9);
  });

  it('7: shares are of all requests, and give the printed mean length', () => {
    const width = (LENGTH_BINS.to - LENGTH_BINS.from) / LENGTH_BINS.bins;
    const means = Object.values(lengthHistograms).flatMap(({ input, output }) =>
      [input, output].map(({ share, meanTokens }) => {
        expect(share).toHaveLength(LENGTH_BINS.bins);
        expect(Math.abs(sumOf(share) - 1)).toBeLessThan(0.001);
        return sumOf(share.map((part, bin) => part * (bin + 0.5) * width)) / sumOf(share) - Number(meanTokens);
      }),
    );
    expect(means.filter((off) => Math.abs(off) < 2)).toHaveLength(4);
    for (const off of means) expect(Math.abs(off)).toBeLessThan(11);
  });

  it('10: parts of the latency are all of it, distributions rise to all transfers, quantiles lie on them', () => {
    const { ratePerGpu, percent } = figure10Breakdown;
    for (const at of ratePerGpu.keys()) expect(sumOf(Object.values(percent).map((part) => part[at] as number))).toBeCloseTo(100, 1);
    for (const [model, { distribution, quantileSeconds, longestSeconds, shareBelow30Ms }] of Object.entries(figure10Transfer)) {
      expect([distribution.y[0], distribution.y.at(-1), distribution.x.at(-1)]).toEqual([0, 1, longestSeconds]);
      expect([...distribution.y].sort((a, b) => a - b)).toEqual(distribution.y);
      expect(between(distribution, 0.03), model).toBeCloseTo(shareBelow30Ms, 3);
      // stairs: a quantile is where they pass it, to a tenth of a millisecond
      const corners = distribution.x.map((x, at) => ({ x, y: distribution.y[at] as number }));
      for (const [name, seconds] of Object.entries(quantileSeconds)) {
        const asked = Number(name.slice(1)) / 100;
        expect(corners.findLast(({ x }) => x < seconds - 5.1e-5)?.y, `${model} ${name}`).toBeLessThanOrEqual(asked);
        expect(corners.find(({ x }) => x > seconds + 5.1e-5)?.y, `${model} ${name}`).toBeGreaterThanOrEqual(asked);
      }
    }
  });
});

describe('tables', () => {
  it('name models of the catalogue', () => {
    const ids = modelEntries.map(({ model }) => model.id);
    for (const model of [...table1.map((row) => row.model), ...table3.map((row) => row.model), ...Object.keys(baselineTensorParallel.vllm), ...Object.keys(figure8)]) expect(ids).toContain(model);
  });

  it('2: real and simulated attainment are at most 1.8 points apart, in steps of half a request', () => {
    const apart = table2.flatMap(({ vllm, distserveLow }) => [vllm, distserveLow].map(({ real, simulated }) => Math.abs(Number(real) - Number(simulated))));
    expect(Math.max(...apart)).toBeCloseTo(1.8, 9);
    expect(table2.map(({ rate }) => Number(rate))).toEqual([1, 1.5, 2, 2.5, 3, 3.5, 4]);
  });

  it('3: placements have as many GPUs as Figures 8 and 9 count', () => {
    const gpus = table3.map(({ model, dataSet, prefill, decode }) => {
      const drawn = dataSet === 'sharegpt' ? figure8[model] : figure9[dataSet];
      return [prefill.tensorParallel * prefill.pipelineParallel + decode.tensorParallel * decode.pipelineParallel, drawn.gpus.distserve];
    });
    expect(gpus).toEqual([3, 8, 8, 8, 21].map((count) => [count, count]));
    for (const [model, { gpus }] of Object.entries(figure8)) {
      expect(gpus.vllm).toBe(baselineTensorParallel.vllm[model as keyof typeof figure8]);
      expect(gpus['deepspeed-mii'] ?? null).toBe(baselineTensorParallel['deepspeed-mii'][model as keyof typeof figure8]);
    }
  });
});

const SHARED = resolve(import.meta.dirname, '../../../shared/papers/distserve');

describe.skipIf(!existsSync(SHARED))('transcription, compared with what was collected (skipped where that folder is absent)', () => {
  type Tree = { readonly [key: string]: Tree } & { readonly [key: number]: Tree };
  const read = (file: string): Tree => (existsSync(SHARED) ? JSON.parse(readFileSync(resolve(SHARED, file), 'utf8')) : {});
  const [figures, tables] = [read('figures_digitized.json'), read('paper_tables.json')];
  const LABELS: Readonly<Record<System, string>> = { distserve: 'DistServe', 'deepspeed-mii': 'DeepSpeed-MII', vllm: 'vLLM' };
  const pairs = ({ x, y }: Curve): unknown => x.map((value, at) => [value, y[at]]);
  const samePanel = ({ x, attainmentPercent }: AttainmentPanel, tree: Tree | undefined): void => {
    for (const [system, y] of Object.entries(attainmentPercent)) expect(pairs({ x, y })).toEqual(tree?.[LABELS[system as System]]?.attainment_pct);
  };

  it('Figures 8 and 9', () => {
    for (const [model, { rate, sloScale }] of Object.entries(figure8)) {
      samePanel(rate, figures.figure8_chatbot_sharegpt_p90?.upper_rate?.[model.toUpperCase()]);
      samePanel(sloScale, figures.figure8_chatbot_sharegpt_p90?.lower_slo_scale?.[model.toUpperCase()]);
    }
    for (const [dataSet, name] of [
      ['humaneval', 'code_completion'],
      ['longbench', 'summarization'],
    ] as const) {
      samePanel(figure9[dataSet].rate, figures.figure9_humaneval_longbench_opt66b_p90?.[`${name}_rate`]);
      samePanel(figure9[dataSet].sloScale, figures.figure9_humaneval_longbench_opt66b_p90?.[`${name}_slo_scale`]);
    }
  });

  it('Figures 4, 7 and 10', () => {
    const drawn = figures.figure4_66b_avg_ttft_s_two_A100_512tok;
    for (const [curve, points] of Object.entries(figure4.b)) expect(pairs(points)).toEqual(drawn?.b?.[curve === 'inter-op' ? 'inter_op' : curve.replace('intra-op-', 'intra_op_K=')]);
    expect([figure4.a['inter-op'], figure4.a['intra-op-1.7']].map((points) => pairs(points as Curve))).toEqual([drawn?.a?.inter_op, drawn?.a?.intra_op]);
    const names = { sharegpt: 'ShareGPT', humaneval: 'HumanEval', longbench: 'LongBench' } as const;
    for (const [dataSet, name] of Object.entries(names))
      for (const way of ['input', 'output'] as const) expect(lengthHistograms[dataSet as keyof typeof names][way].share).toEqual(figures.figure7_length_histograms?.[name]?.[way]?.probability);
    for (const [model, { distribution }] of Object.entries(figure10Transfer)) expect(pairs(distribution)).toEqual(figures.figure10b_kv_transmission_time_cdf?.[model.toUpperCase()]?.points);
  });

  it('Tables 1 to 3', () => {
    const names = { chatbot: 'chatbot', 'code-completion': 'code completion', summarization: 'summarization' } as const;
    const sets = { sharegpt: 'ShareGPT', humaneval: 'HumanEval', longbench: 'LongBench' } as const;
    expect(
      table1.map(({ application, model, modelSize, ttftSeconds, tpotSeconds, dataSet }) => ({
        app: names[application],
        model: model.toUpperCase(),
        size_GB: Number(modelSize),
        ttft_s: ttftSeconds,
        tpot_s: tpotSeconds,
        dataset: sets[dataSet],
      })),
    ).toEqual(tables.slo_table1_v3);
    expect(table2.map(({ rate, vllm, distserveLow }) => [rate, vllm.real, vllm.simulated, distserveLow.real, distserveLow.simulated].map(Number))).toEqual(tables.simulator_accuracy_table2_pct?.rows);
    expect(
      table3.map(({ model, dataSet, prefill, decode }) => ({
        model: model.toUpperCase(),
        dataset: sets[dataSet],
        prefill_tp: prefill.tensorParallel,
        prefill_pp: prefill.pipelineParallel,
        decode_tp: decode.tensorParallel,
        decode_pp: decode.pipelineParallel,
        gpus: prefill.tensorParallel * prefill.pipelineParallel + decode.tensorParallel * decode.pipelineParallel,
      })),
    ).toEqual(tables.placements_table3_v3);
  });
});
