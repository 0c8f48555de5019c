import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Evidence, paperScenario } from '../../src/evidence/index.ts';
import { referenceRuns } from '../../src/papers/distserve/data/reference-runs.ts';
import { referenceSearches } from '../../src/papers/distserve/data/searches.ts';
import { shareGptLengths } from '../../src/papers/distserve/data/sharegpt.ts';
import { traces } from '../../src/papers/distserve/data/traces.ts';
import { arrivalGaps, histogramLoad, shareGptLoad } from '../../src/papers/distserve/load.ts';
import { labelledTraces, measuredRunRows, toldBy } from '../../src/papers/distserve/measured-runs.ts';
import { searchAgain } from '../../src/papers/distserve/reference.ts';
import { distservePaper, openEvidence } from '../../src/papers/index.ts';

const evidence: Evidence = openEvidence(paperScenario);
const numberOf = (id: string): number => evidence.number(`distserve/${id}`).value;
const cellsOf = (table: string) => distservePaper.cells.filter((cell) => cell.table === table);
const sumOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0);

describe('loads', () => {
  it('take the first lengths of the list, at arrivals of seed 0', () => {
    const { gaps, prompt, output } = shareGptLoad(3);
    expect([...prompt]).toEqual([55, 829, 697]);
    expect([...output]).toEqual([4, 170, 431]);
    // the second request of the released simulator at 3 requests per second comes after 265.291503 ms
    expect([gaps[0], (gaps[1] as number) / 3]).toEqual([0, expect.closeTo(0.265291503, 9)]);
  });

  it('have a span of exactly as many mean gaps as requests where asked for', () => {
    for (const count of [100, 1600]) {
      const gaps = arrivalGaps(count, true);
      expect(gaps).toHaveLength(count);
      expect([gaps[0], sumOf(gaps)]).toEqual([0, expect.closeTo(count, 6)]);
    }
  });

  it('refuse more lengths than there are', () => {
    expect(() => shareGptLoad(1601)).toThrow(/distserve: requests 1601 is not a whole number from 1 to 1600/);
    expect(() => shareGptLoad(0)).toThrow(/requests 0 /);
  });

  it.each(['humaneval', 'longbench'] as const)('of %s have about the printed mean lengths', (dataSet) => {
    const { prompt, output } = histogramLoad(dataSet, 400);
    expect([prompt.length, output.length]).toEqual([400, 400]);
    const mean = { humaneval: [171.3, 98.2], longbench: [1738.3, 90.7] }[dataSet];
    for (const [at, values] of [prompt, output].entries()) expect(Math.abs(sumOf(values) / 400 / (mean[at] as number) - 1)).toBeLessThan(0.15);
  });
});

describe('the released simulator', () => {
  it('has 52 runs, each of which comes out in every printed digit', () => {
    const cells = cellsOf('simulator');
    expect(cells).toHaveLength(52);
    for (const { id, printed, scale, aim } of cells) {
      expect([scale, aim]).toEqual([0.01, undefined]);
      expect(Math.abs(100 * evidence.number(id).value - Number(printed)), id).toBeLessThan(5e-5);
    }
  });

  it('has numbers that name what they were run with', () => {
    const { inputs, formula } = evidence.number('distserve/simulator/opt13b-distserve-2-1-1-1-rate3-n300');
    expect(formula).toBe('distserve/simulation');
    expect(inputs).toMatchObject({
      requests: 'distserve/setting/requests/300',
      rate: 'distserve/setting/rate/3',
      ttft: 'distserve/setting/ttft/0.25',
      prefillTokens: 'distserve/kv-capacity/opt-13b/2x1/tokens',
    });
    expect(numberOf('coefficient/distserve/opt-13b/2/prefill/1')).toBeCloseTo(0.06857720739764e-3, 15);
  });
});

describe('the released search', () => {
  it('finds exactly what ours finds, configuration by configuration, and refuses what ours refuses', () => {
    const refused = referenceSearches.map((search) => {
      const ours = searchAgain(search);
      expect(ours.size).toBe(search.results.length);
      let count = 0;
      for (const { engine, splits, ratePerGpu } of search.results) {
        const found = ours.get(`${engine === 'vllm' ? 'vllm-' : ''}${splits.join('-')}`);
        if (ratePerGpu === null) {
          count++;
          expect(found?.because).toMatch(/^simdistserve: /);
        } else expect([found?.ratePerChip, found?.because]).toEqual([Number(ratePerGpu), expect.stringMatching(/goal/)]);
      }
      return count;
    });
    expect(refused).toEqual([0, 0, 48]);
  });

  it.each([
    ['13b-200-100', '2-1-1-1', 1.875],
    ['13b-250-100', '2-1-1-1', 2.34375],
    ['66b-2500-150', '4-1-2-1', 1.1875],
  ])('%s: %s is best with %d requests per second and GPU', (id, best, rate) => {
    const [name, found] = [...searchAgain(referenceSearches.find((search) => search.id === id) as (typeof referenceSearches)[number])][0] as [string, { ratePerChip: number }];
    expect([name, found.ratePerChip]).toEqual([best, rate]);
    expect(numberOf(`search/${id}/${best}`)).toBe(rate);
  });
});

describe('measured runs', () => {
  const points = measuredRunRows().map(({ trace, measured, simulated, released }) => ({ id: trace.id, ours: 100 * (simulated - measured), theirs: 100 * (released - measured) }));
  const meanOf = (values: readonly number[]): number => sumOf(values.map(Math.abs)) / values.length;

  it('are those whose placement is known', () => expect([labelledTraces.length, traces.length]).toEqual([22, 30]));

  it('come out within 5 points in the mean, half as far off as with the released simulator', () => {
    expect(100 * numberOf('traces/mean-error')).toBeCloseTo(meanOf(points.map(({ ours }) => ours)), 9);
    expect(100 * numberOf('traces/released-mean-error')).toBeCloseTo(meanOf(points.map(({ theirs }) => theirs)), 9);
    expect(numberOf('traces/mean-error')).toBeLessThan(0.04);
    expect(numberOf('traces/released-mean-error')).toBeGreaterThan(0.07);
  });

  it('that nothing was fitted to come out as well', () => {
    const heldOut = labelledTraces.filter((trace) => toldBy(trace) === 'nothing').map(({ id }) => id);
    expect(heldOut).toHaveLength(11);
    expect(100 * numberOf('traces/held-out-mean-error')).toBeCloseTo(meanOf(points.filter(({ id }) => heldOut.includes(id)).map(({ ours }) => ours)), 9);
    expect(numberOf('traces/held-out-mean-error')).toBeLessThan(0.04);
    expect(evidence.number('distserve/traces/distserve-c21d11-900-9').note).toMatch(/nothing was fitted/);
    expect(evidence.number('distserve/traces/vllm-100-1').note).toMatch(/this run among them/);
  });

  it("of the paper's placement are all within 4 points", () => {
    for (const { id, ours } of points.filter((point) => point.id.includes('c21d11'))) expect(Math.abs(ours), id).toBeLessThan(4);
  });

  it('that miss are named', () => {
    const missed = points.filter(({ ours }) => Math.abs(ours) > 5).map(({ id }) => `distserve/traces/${id}`);
    expect(distservePaper.deviations.map(({ cell }) => cell).filter((cell) => cell.startsWith('distserve/traces/'))).toEqual([...missed, 'distserve/traces/released-mean-error']);
  });
});

const SHARED = resolve(import.meta.dirname, '../../../shared/papers/distserve');

describe.skipIf(!existsSync(SHARED))('transcription, compared with what was collected (skipped where that folder is absent)', () => {
  const text = (file: string): string => readFileSync(resolve(SHARED, file), 'utf8');
  const rowsOf = (file: string): readonly (readonly string[])[] =>
    text(file)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .slice(1)
      .map((line) => (line.match(/"[^"]*"|[^,]+|(?<=,)(?=,)/g) ?? []).map((field) => field.replaceAll('"', '')));

  it('lengths', () => {
    const rows = rowsOf('reference_run/sharegpt_lengths_first1600.csv');
    expect(rows.map(([, prompt]) => Number(prompt))).toEqual(shareGptLengths.prompt);
    expect(rows.map(([, , output]) => Number(output))).toEqual(shareGptLengths.output);
  });

  it('runs and searches', () => {
    const { runs } = JSON.parse(text('reference_run/summary.json'));
    expect(
      referenceRuns.map(({ model, engine, splits, requests, rate, slo, attainmentPercent }) => [
        model.replace('-', '_'),
        engine,
        splits,
        requests,
        rate,
        slo.ttftMs,
        slo.tpotMs,
        Number(attainmentPercent),
      ]),
    ).toEqual(
      runs.map((run: Record<string, number | string>) => [
        run.model,
        run.backend,
        [run.tp_prefill, run.pp_prefill, ...(run.backend === 'vllm' ? [] : [run.tp_decode, run.pp_decode])],
        run.N,
        run.total_rate_rps,
        run.slo_ttft_ms,
        run.slo_tpot_ms,
        run.attain_both_pct,
      ]),
    );
    for (const [at, file] of ['search_13b', 'search_13b_v3slo', 'search_66b'].entries()) {
      const { results } = JSON.parse(text(`reference_run/${file}.json`)) as { results: Record<string, { best_per_gpu_rate: number | null }> };
      const ours = referenceSearches[at]?.results.map(({ engine, splits, ratePerGpu }) => [
        `${engine}:(${(engine === 'vllm' ? splits : [1, ...splits]).join(', ')})`,
        ratePerGpu === null ? null : Number(ratePerGpu),
      ]);
      expect(ours).toEqual(Object.entries(results).map(([key, { best_per_gpu_rate: rate }]) => [key, rate]));
    }
  });

  it('measured runs', () => {
    const replays = new Map(rowsOf('reference_run/replay_of_real_traces_simulator_main.csv').map((row) => [row[0]?.replace('.exp', ''), [row[10], row[12]]]));
    expect(traces.map(({ id, requests, rate, measured, released }) => [id, requests, rate, measured.at200, measured.at250, released && [released.at200, released.at250]])).toEqual(
      rowsOf('real_traces/SUMMARY.csv').map(([id = '', , , , requests, rate, , at200, at250]) => [id, Number(requests), Number(rate), at200, at250, replays.get(id) ?? null]),
    );
  });

  it('planned arrivals are those that were sent, to within a tenth of a second', () => {
    for (const { id, requests, rate } of traces) {
      const gaps = arrivalGaps(requests, true);
      let [planned, worst] = [0, 0];
      for (const [at, [, sent]] of rowsOf(`real_traces/${id}.csv`).entries()) {
        planned += (gaps[at] as number) / rate;
        worst = Math.max(worst, Math.abs(planned - Number(sent)));
      }
      expect(worst, id).toBeLessThan(0.1);
    }
  });
});
