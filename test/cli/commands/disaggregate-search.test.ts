import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { modelOf } from '../../../src/models/index.ts';
import { repeatedShareGpt } from '../../../src/papers/distserve/load.ts';
import { curvePoint } from '../../../src/serving/disaggregation/curve.ts';
import { clusterOf, type Placement, priceOf } from '../../../src/serving/disaggregation/estimator.ts';
import { goodput } from '../../../src/serving/disaggregation/goodput.ts';
import type { Load } from '../../../src/serving/disaggregation/load.ts';
import { placementText, replicated, searchPhase, searchTogether } from '../../../src/serving/disaggregation/placement.ts';
import { pairsOf, splitsOf } from '../../../src/serving/disaggregation/splits.ts';
import { gapsOf } from '../../../src/serving/engine/arrivals.ts';
import { randomOf } from '../../../src/serving/engine/random.ts';
import { chipOf } from '../../timing/support.ts';
import { apart, csvOf, type Found, files, found, type Placed, placed, plain, released, simulated, splitOf, traceText } from '../disaggregate/support.ts';
import { cli } from '../support.ts';

const file = files();
const override = async (accelerators: Readonly<Record<string, unknown>>): Promise<readonly string[]> => ['--override', await file('override.json', JSON.stringify({ accelerators }))];
const loadOf = (requests: number, seed: number, leastSeconds: number): Load => ({ gaps: gapsOf({ kind: 'poisson' }, requests, randomOf(seed)), ...repeatedShareGpt(requests), leastSeconds });
const meanOutput = (requests: number): number => repeatedShareGpt(requests).output.reduce((sum, each) => sum + each, 0) / requests;

const SLO = { ttft: 0.25, tpot: 0.1 };
const ENGINE = ['--estimator', 'engine', '--prefill', 'tp=2', '--decode', 'tp=1', '--requests', '120', '--least-seconds', '20'];
const CALIBRATED = ['--model', 'qwen3-32b', '--lengths', 'log-normal', '--prompt', '1K', '--output', '60', '--requests', '60', '--least-seconds', '2', '--slo', 'ttft=1,tpot=0.05'];

describe('disaggregate goodput', () => {
  it('is what the library finds, with seeds, a curve and scales', async () => {
    const at = await found(...ENGINE, '--seeds', '3', '--seed', '4', '--rates', '4,8', '--scales', '0.5,1', '--warmup', '10', '--attainment', '0.8', '--criterion', 'separate');
    const [estimator, placement] = [released('opt-13b', 'engine'), apart(splitOf(2), splitOf(1))];
    const loads = [4, 5, 6].map((seed) => loadOf(120, seed, 20));
    const goal = { slo: SLO, share: 0.8, criterion: 'separate', warmup: 10 } as const;
    const cluster = clusterOf(estimator, placement);
    const { rate, stops } = goodput(cluster, loads, goal, { share: 0.005 });
    expect(rate).toBeGreaterThan(1);
    const usdPerRequest = (priceOf(estimator, placement) as number) / 3600 / rate;
    expect(at).toMatchObject({ model: 'opt-13b', estimator: 'engine', placement: '1 x TP 2 + 1 x TP 1', chips: 3, goal, seeds: 3, requests: 120, leastSeconds: 20 });
    expect([at.goodput, at.goodputPerChip, at.stops, at.usdPerRequest]).toEqual([rate, rate / 3, stops, usdPerRequest]);
    expect((at.usdPerMillionOutputTokens as number) / ((1e6 * usdPerRequest) / meanOutput(120))).toBeCloseTo(1, 12);
    expect(at.points).toEqual(plain([4, 8].map((each) => curvePoint(cluster, loads, each, { slo: SLO, scales: [0.5, 1], warmup: 10 }))));
    for (const { attainments } of at.points) for (const { both } of attainments) expect((both.low as number) <= both.mean && both.mean <= (both.high as number)).toBe(true);
  });

  it('has a curve around what it finds, whose interval one seed does not have', async () => {
    const at = await found(...ENGINE);
    expect(at.points.map(({ rate }) => rate)).toEqual([0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5].map((share) => Number((share * at.goodput).toPrecision(3))));
    for (const { attainments } of at.points) expect(attainments).toEqual([expect.objectContaining({ scale: 1, both: { mean: expect.any(Number) as number, low: null, high: null } })]);
    expect(at.points[0]?.attainments[0]?.both.mean).toBeGreaterThanOrEqual(0.9);
    expect(at.points.at(-1)?.attainments[0]?.both.mean).toBeLessThan(0.9);
    // one run at a rate of the curve, of one load that does not come again
    const [point] = (await found(...ENGINE, '--least-seconds', '0', '--rates', '3')).points;
    const { summary } = await simulated('--estimator', 'engine', '--prefill', 'tp=2', '--decode', 'tp=1', '--requests', '120', '--rate', '3');
    expect([point?.attainments[0]?.both.mean, point?.events, point?.ttft.p90, point?.tpot.p99]).toEqual([summary.attainment.both, summary.events, summary.ttft.p90, summary.tpot.p99]);
  });

  it('is 0 where nothing reaches the goal, without a price and a curve, but for rates that are asked for', async () => {
    const asked = [...ENGINE, '--slo', 'ttft=0.0001,tpot=0.0001', '--least-seconds', '0'];
    expect(await found(...asked)).toMatchObject({ goodput: 0, goodputPerChip: 0, stops: 'ttft', usdPerRequest: null, usdPerMillionOutputTokens: null, points: [] });
    expect((await found(...asked, '--rates', '1')).points).toMatchObject([{ rate: 1, attainments: [{ both: { mean: 0 } }] }]);
    expect((await cli('disaggregate', 'goodput', ...asked)).out).toMatch(/^USD per 1,000 requests +–$/m);
  });

  it('of a trace is that of its requests at other rates, from its first on', async () => {
    const { gaps, prompt, output } = loadOf(60, 3, 0);
    let time = 0;
    const arrival = [...gaps].map((gap) => {
      time += gap;
      return time;
    });
    const asked = async (start: number): Promise<Found> =>
      found(
        '--trace',
        await file(
          'trace.csv',
          traceText(
            arrival.map((at) => start + at),
            prompt,
            output,
          ),
        ),
        '--estimator',
        'engine',
        '--colocated',
        'tp=4',
        '--rates',
        '2',
        '--seeds',
        '5',
      );
    const [early, late] = [await asked(0), await asked(4096)];
    expect([early.seeds, early.requests]).toEqual([1, 60]);
    expect(late.goodput / early.goodput).toBeCloseTo(1, 6);
    expect(late.points[0]?.ttft.p90).toBeCloseTo(early.points[0]?.ttft.p90 as number, 6);
  });

  it('prints the curve as CSV, a row for each rate and scale', async () => {
    const asked = [...ENGINE, '--rates', '3,6', '--scales', '1,2', '--seeds', '2'];
    const [{ points }, [header, ...rows]] = [await found(...asked), await csvOf('goodput', ...asked)];
    expect(header?.slice(0, 7)).toEqual(['rate', 'scale', 'attainment', 'low', 'high', 'ttftAttainment', 'tpotAttainment']);
    expect(rows.map((row) => row.slice(0, 7))).toEqual(
      points.flatMap(({ rate, attainments }) => attainments.map(({ scale, both, ttft, tpot }) => [rate, scale, both.mean, both.low, both.high, ttft, tpot].map(String))),
    );
    const { code, out } = await cli('disaggregate', 'goodput', ...asked, '--format', 'markdown');
    expect([code, out.split('\n').filter((line) => line.startsWith('|')).length]).toEqual([0, 2 + 4 + 2 + 4]);
  });
});

const merit = ({ ratePerChip, usdPerRequest }: Placed['placements'][number], objective: string): number => (objective === 'rate' ? ratePerChip : usdPerRequest === null ? 0 : 1 / usdPerRequest);

describe('disaggregate place', () => {
  const RELEASED =
    '--model opt-13b --estimator simdistserve --affinity low --gpus-per-node 4 --requests 300 --least-seconds 0 --slo ttft=0.2,tpot=0.1 --criterion separate --objective rate --max-rate-per-gpu 5 --within 0.25 --no-prune';

  it('finds what the released search finds: 1.875 requests/s of each chip on 1 x TP 2 + 1 x TP 1', async () => {
    expect((await cli('disaggregate', 'place', '--help')).out).toContain(`disaggregate place ${RELEASED}\n`);
    const { placements } = await placed(...RELEASED.split(' '));
    const of = (kind: string) => placements.filter((row) => row.kind === kind);
    expect(placements[0]).toMatchObject({ kind: 'disaggregated', placement: '1 x TP 2 + 1 x TP 1', accelerators: 'a100-80g', chips: 3, rate: 5.625, ratePerChip: 1.875 });
    const search = {
      loads: [loadOf(300, 0, 0)],
      goal: { slo: { ttft: 0.2, tpot: 0.1 }, share: 0.9, criterion: 'separate' },
      rates: { highest: 5, within: 0.25 },
      objective: 'rate',
      prune: null,
    } as const;
    const model = modelOf('opt-13b');
    const both = splitsOf(model, 4).map((split): Placement => ({ kind: 'colocated', split, instances: 1 }));
    for (const [kind, candidates] of [
      ['disaggregated', pairsOf(model, { nodes: 1, gpusPerNode: 4 }, 'low')],
      ['colocated', both],
    ] as const)
      expect(of(kind).map(({ placement, rate, ratePerChip, usdPerRequest, because }) => [placement, rate, ratePerChip, usdPerRequest, because])).toEqual(
        searchTogether(released('opt-13b', 'released'), candidates as readonly Placement[], search).map(({ candidate, rate, ratePerChip, usdPerRequest, because }) => [
          placementText(candidate),
          rate,
          ratePerChip,
          usdPerRequest,
          because,
        ]),
      );
    expect(of('prefill').concat(of('decode'))).toEqual([]);
  });

  it('searches each phase apart, and sizes instances for a rate', async () => {
    const asked = ['--estimator', 'engine', '--nodes', '1', '--gpus-per-node', '2', '--requests', '60', '--least-seconds', '10', '--objective', 'rate', '--target-rate', '6'];
    const { placements, notes } = await placed(...asked);
    const search = { loads: [loadOf(60, 0, 10)], goal: { slo: SLO, share: 0.9, criterion: 'joint' }, rates: { share: 0.02 }, objective: 'rate', prune: 0.5 } as const;
    const [estimator, splits] = [released('opt-13b', 'engine'), splitsOf(modelOf('opt-13b'), 2)];
    const [[prefill], [decode]] = [searchPhase(estimator, 'prefill', splits, search), searchPhase(estimator, 'decode', splits, search)];
    const best = replicated(prefill as NonNullable<typeof prefill>, decode as NonNullable<typeof decode>, 6);
    const [row] = placements.filter(({ kind }) => kind === 'disaggregated');
    const near = Math.min(best.prefillInstances * (prefill?.rate as number), best.decodeInstances * (decode?.rate as number));
    expect([row?.placement, row?.rate]).toEqual([placementText(best), searchTogether(estimator, [best], { ...search, prune: null, rates: { share: 0.02, near } })[0]?.rate]);
    expect(placements.find(({ kind }) => kind === 'prefill')).toMatchObject({ rate: prefill?.rate, ratePerChip: prefill?.ratePerChip, usdPerMillionOutputTokens: null });
    expect(placements.find(({ kind }) => kind === 'decode')).toMatchObject({ rate: decode?.rate });
    expect(notes).toContain('sized for 6 requests/s');
  });

  it.each(['cost', 'rate'])('has the best by %s first, on each chip and pair of chips, and the price of its chips', async (objective) => {
    const { placements, notes } = await placed(...CALIBRATED, '--accelerators', 'h20,h800', '--nodes', '1', '--gpus-per-node', '2', '--search', 'together', '--objective', objective);
    expect(placements.map((row) => merit(row, objective))).toEqual(placements.map((row) => merit(row, objective)).sort((a, b) => b - a));
    const on = (kind: string) => [...new Set(placements.filter((row) => row.kind === kind).map(({ accelerators }) => accelerators))].sort();
    expect([on('disaggregated'), on('colocated')]).toEqual([
      ['h20', 'h20 + h800', 'h800', 'h800 + h20'],
      ['h20', 'h800'],
    ]);
    expect(placements.length).toBe(4 * 4 + 2 * 2);
    for (const { kind, accelerators, placement, chips, rate, ratePerChip, usdPerRequest, because } of placements) {
      expect(ratePerChip).toBe(rate / chips);
      const parts = [...placement.matchAll(/(\d+) x TP (\d+)/g)].map(([, instances, tp]) => Number(instances) * Number(tp));
      expect([parts.length, parts.reduce((sum, each) => sum + each, 0)]).toEqual([kind === 'colocated' ? 1 : 2, chips]);
      const ids = accelerators.split(' + ');
      const price = parts.reduce((sum, each, at) => sum + each * (chipOf((ids[at] ?? ids[0]) as string).usdPerHour as number), 0);
      if (rate === 0) expect(usdPerRequest).toBeNull();
      else expect((usdPerRequest as number) / (price / 3600 / rate)).toBeCloseTo(1, 9);
      expect(because).toMatch(/^(time (to first token|per output token) misses the goal at (a higher rate|0\.5 of the best)|reaches the goal )/);
    }
    expect(notes.some((note) => (objective === 'rate' ? /^best apart serves \S+ times as many/ : /^a request costs \S+ times as much on the best apart/).test(note))).toBe(true);
  });

  it('prints every placement as CSV, and the first of each kind in tables', async () => {
    const asked = [...CALIBRATED, '--accelerators', 'h800', '--nodes', '1', '--gpus-per-node', '4', '--top', '1'];
    const [{ placements }, [header, ...rows]] = [await placed(...asked), await csvOf('place', ...asked)];
    expect(header).toEqual(Object.keys(placements[0] as object));
    expect(rows).toEqual(placements.map((row) => Object.values(row).map((value) => (value === null ? '' : String(value)))));
    const { out } = await cli('disaggregate', 'place', ...asked);
    expect(out.match(/^h800 +/gm)?.length).toBe(4);
    for (const title of ['Prefill and decode on instances of their own', 'Both on the same instances', 'Prefill alone', 'Decode alone']) expect(out).toContain(`${title}\n`);
    expect(out.match(/^2 more: --top, or --format json$/gm)?.length).toBe(3);
    expect((await cli('disaggregate', 'place', ...asked, '--format', 'markdown')).out.split('\n').filter((line) => line.startsWith('|')).length).toBe(4 * 3);
  });

  it('says of what does not fit why, and serves nothing with it', async () => {
    const { placements } = await placed(...CALIBRATED, '--model', 'llama-3.1-70b', '--precision', 'w8a8kv16', '--accelerators', 'h100', '--nodes', '1', '--gpus-per-node', '2');
    const small = placements.filter(({ placement }) => /^(1 x )?TP 1$/.test(placement));
    expect(small.length).toBe(3);
    for (const row of small)
      expect(row).toMatchObject({ rate: 0, ratePerChip: 0, usdPerRequest: null, because: expect.stringMatching(/^placement: TP 1 of llama-3\.1-70b on h100 leaves no room for a request/) as string });
  });

  it('pairs instances within a server of one chip where affinity is low', async () => {
    const { placements } = await placed(...CALIBRATED, '--accelerators', 'h20,h800', '--affinity', 'low', '--nodes', '2', '--gpus-per-node', '4');
    const apart = placements.filter(({ kind }) => kind === 'disaggregated');
    expect([...new Set(apart.map(({ accelerators }) => accelerators))].sort()).toEqual(['h20', 'h800']);
    expect(Math.max(...apart.map(({ chips }) => chips))).toBe(4);
  });

  it('has no more than 4 instances of a phase where no rate is asked for', async () => {
    const { placements } = await placed(...CALIBRATED, '--accelerators', 'h800', '--nodes', '1', '--gpus-per-node', '1', '--least-seconds', '0', '--slo', 'ttft=0.2,tpot=1');
    for (const { placement } of placements.filter(({ kind }) => kind === 'disaggregated')) for (const [, instances] of placement.matchAll(/(\d+) x/g)) expect(Number(instances)).toBeLessThanOrEqual(4);
  });

  it('is the same again', async () => {
    const asked = [...CALIBRATED, '--accelerators', 'h20', '--nodes', '1', '--gpus-per-node', '2', '--seeds', '2'];
    expect(await placed(...asked)).toEqual(await placed(...asked));
    expect(await placed(...asked, '--seed', '5')).not.toEqual(await placed(...asked));
  });
});

describe('options of disaggregate', () => {
  it('--override of a price changes cost in proportion, and nothing else', async () => {
    for (const [id, asked] of [
      ['a100-80g', ENGINE],
      ['h20', [...CALIBRATED, '--colocated', 'tp=2,on=h20']],
    ] as const) {
      const price = chipOf(id).usdPerHour as number;
      const [before, dear, none] = [
        await found(...asked, '--rates', '1'),
        await found(...asked, '--rates', '1', ...(await override({ [id]: { set: { usdPerHour: 2.5 * price } } }))),
        await found(...asked, '--rates', '1', ...(await override({ [id]: { set: { usdPerHour: null } } }))),
      ];
      expect((dear.usdPerRequest as number) / (before.usdPerRequest as number)).toBeCloseTo(2.5, 9);
      expect((dear.usdPerMillionOutputTokens as number) / (before.usdPerMillionOutputTokens as number)).toBeCloseTo(2.5, 9);
      expect([none.usdPerRequest, none.usdPerMillionOutputTokens]).toEqual([null, null]);
      for (const { goodput: rate, points, notes } of [dear, none]) {
        expect([rate, points]).toEqual([before.goodput, before.points]);
        expect(notes.filter((note) => /^scenario: [0-9a-f]{8}$/.test(note)).length).toBe(1);
      }
    }
  });

  it('--config gives the model of a Hugging Face config', async () => {
    const config = { model_type: 'llama', hidden_size: 256, intermediate_size: 768, num_hidden_layers: 6, num_attention_heads: 8, num_key_value_heads: 2, vocab_size: 1000, torch_dtype: 'bfloat16' };
    const path = await file('config.json', JSON.stringify(config));
    await mkdir(`${dirname(path)}/tiny`, { recursive: true });
    const folder = dirname(await file('tiny/config.json', JSON.stringify(config)));
    const at = await simulated('--config', folder, '--colocated', 'tp=1', '--requests', '5');
    expect(at.summary).toMatchObject({ model: 'tiny', chips: 1 });
    expect(at.summary.notes).toContain('absent: tie_word_embeddings = false (class default)');
    const argv = ['disaggregate', 'simulate', '--config', folder, '--colocated', 'tp=1', '--requests', '5'];
    expect(await cli(...argv, '--model', 'opt-13b')).toMatchObject({ code: 0, out: expect.stringContaining('opt-13b on 1 x TP 1\n') as string });
    expect((await cli(...argv, '--config', path)).err).toBe('tokenroof: disaggregate: config has 2 models, say which with --model\n');
    expect((await cli(...argv, '--estimator', 'engine')).err).toMatch(/^tokenroof: disaggregate: model tiny is not one that the released profiler counts: [^\n]*\n$/);
  });

  it('says of long work what it is at, once it has taken two seconds', async () => {
    const clock = vi.spyOn(performance, 'now');
    const quick = [...CALIBRATED, '--accelerators', 'h20,h800', '--gpus-per-node', '1'];
    const steps = [...['h20', 'h20 + h800', 'h800 + h20', 'h800'].map((on) => `prefill and decode on ${on}`), 'both on h20', 'both on h800'];
    try {
      let now = 0;
      clock.mockImplementation(() => {
        now += 700;
        return now;
      });
      // 700, 1400 and 2100 ms: the third step is the first that is told
      expect((await cli('disaggregate', 'place', ...quick)).err).toBe(steps.map((step, at) => (at < 2 ? '' : `disaggregate: ${step}, ${at + 1} of 6\n`)).join(''));
      now = 0;
      expect((await cli('disaggregate', 'goodput', ...ENGINE, '--rates', '1,2,3')).err).toBe('disaggregate: 2 requests/s, 3 of 4\ndisaggregate: 3 requests/s, 4 of 4\n');
      clock.mockImplementation(() => 0);
      expect((await cli('disaggregate', 'place', ...quick)).err).toBe('');
    } finally {
      clock.mockRestore();
    }
  });
});
