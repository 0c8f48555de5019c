import { describe, expect, it } from 'vitest';
import { imageOf } from '../../../src/models/images/index.ts';
import { modelOf } from '../../../src/models/index.ts';
import { engineForm } from '../../../src/papers/epd/engine-fit.ts';
import { clientLoad, runOf, workersOf } from '../../../src/papers/epd/runs.ts';
import { tpotOf, ttftOf } from '../../../src/serving/disaggregation/outcome.ts';
import { batchSeconds } from '../../../src/serving/multimodal/shapes.ts';
import { chipOf } from '../../timing/support.ts';
import { csvOf, placed, placeShape, printed, type Simulated, simulated, simulateShape } from '../multimodal/support.ts';
import { cli } from '../support.ts';

/** The client of the EPD paper with six images a request. */
const SIX = ['--estimator', 'epd', '--images', '6', '--prompt', '22', '--output', '10', '--seed', '6', '--slo', 'ttft=3.9,tpot=0.06'];
const GOLDEN = [...SIX, '--workers', '6E1P1D', '--prefill-batch', '1', '--rate', '1.25'];
const NEAR = 9;

function checkRun({ summary, requests }: Simulated): void {
  const keeps = requests.filter(({ ttft_s, tpot_s }) => ttft_s <= summary.slo.ttft && tpot_s <= summary.slo.tpot);
  expect(summary.attainment.both).toBe(keeps.length / requests.length);
  expect(summary.ttft.mean).toBeCloseTo(requests.reduce((sum, { ttft_s }) => sum + ttft_s, 0) / requests.length, NEAR);
  const whole = requests.reduce((sum, { arrival_s, finish_s }) => sum + (finish_s as number) - arrival_s, 0) / requests.length;
  expect((Object.values(summary.phases) as readonly number[]).reduce((sum, time) => sum + time, 0)).toBeCloseTo(whole, 6);
  for (const row of requests) {
    const times = [row.arrival_s, row.encode_start_s, row.encoded_s, row.prefill_start_s, row.first_token_s, row.decode_start_s, row.finish_s].filter((time) => time !== null);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(row.ttft_s).toBeCloseTo((row.first_token_s as number) - row.arrival_s, NEAR);
  }
}

describe('multimodal simulate', () => {
  it('is the run of the library: 6E1P1D at 1.25 requests per second of six images, seed 6', async () => {
    const form = engineForm('engine');
    const { outcome, means } = runOf(form, workersOf({ encode: 6, prefill: 1, decode: 1 }), clientLoad(6, form), 1.25);
    const ran = await simulated(...GOLDEN);
    checkRun(ran);
    expect(ran.summary).toMatchObject({ model: 'minicpm-v-2.6', estimator: 'epd', placement: '6E1P1D', chips: 8, requests: 100, slo: { ttft: 3.9, tpot: 0.06 }, events: outcome.events, putOut: 0 });
    expect(ran.summary.ttft.mean).toBeCloseTo(means.ttft, NEAR);
    expect(ran.summary.tpot.mean).toBeCloseTo(means.tpot, NEAR);
    expect(ran.requests.map(({ tpot_s }) => tpot_s)).toEqual([...tpotOf(outcome)]);
    const entry = means.ttft - ttftOf(outcome).reduce((sum, time) => sum + time, 0) / 100;
    for (const [at, time] of ttftOf(outcome).entries()) expect(ran.requests[at]?.ttft_s).toBeCloseTo(time + entry, NEAR);
  });

  it('takes the time of entry before anything else, and counts it', async () => {
    const asked = ['--workers', '2E1P1D', '--images', '2', '--requests', '20', '--rate', '2'];
    const [without, after] = [await simulated(...asked), await simulated(...asked, '--entry-seconds', '0.5')];
    for (const [at, row] of after.requests.entries()) expect(row.ttft_s).toBeCloseTo((without.requests[at]?.ttft_s as number) + 0.5, NEAR);
    expect(after.summary.notes).toContain('time to first token counts 0.500 s before a request waits for anything');
    checkRun(after);
  });

  it.each([
    ['apart', ['--workers', '2E1P1D'], '2E1P1D', 4],
    ['encode with prefill', ['--workers', '2P1D'], '2P1D', 3],
    ['all together', ['--workers', '3'], '3', 3],
    ['over more chips', ['--workers', '1e1p1d', '--tp', '2'], '1E1P1D (prefill TP 2, decode TP 2)', 5],
  ])('adds up %s, on any chip', async (_, asked, placement, chips) => {
    const ran = await simulated(...asked, '--images', '3', '--requests', '30', '--rate', '2', '--accelerator', 'h20');
    expect(ran.summary).toMatchObject({ placement, chips, estimator: 'calibrated', requests: 30 });
    expect(ran.summary.notes).toContain('chips: h20');
    expect('encode' in ran.summary.phases).toBe(placement.includes('E'));
    checkRun(ran);
  });

  it('encodes an image in the time of the library, on one instance', async () => {
    const model = modelOf('internvl2-8b');
    const ran = await simulated('--model', 'internvl2-8b', '--workers', '1E1P1D', '--images', '2', '--requests', '2', '--rate', '0.01', '--share', 'request');
    const seconds = batchSeconds(model, chipOf('h100'), imageOf(model, { width: 1920, height: 1080 }), 2);
    for (const row of ran.requests) expect((row.encoded_s as number) - (row.encode_start_s as number)).toBeGreaterThanOrEqual(seconds - 1e-9);
    // and the way of the tokens to prefill, which takes far less
    for (const row of ran.requests) expect((row.encoded_s as number) - (row.encode_start_s as number)).toBeLessThan(1.05 * seconds);
  });

  it('encodes sooner where images of a request are shared out', async () => {
    const encodeOf = async (...argv: readonly string[]): Promise<number> =>
      (await simulated('--workers', '4E1P1D', '--images', '4', '--rate', '0.1', '--requests', '20', ...argv)).summary.phases.encode as number;
    expect(await encodeOf('--share', 'media')).toBeLessThan((await encodeOf('--share', 'request')) / 2);
  });

  // of requests that are all alike: why `place` tries no orders
  it.each(['sjf', 'least-slack'])('is the same in order %s', async (order) => {
    const asked = ['--workers', '2E1P1D', '--images', '4', '--rate', '20', '--requests', '60'];
    expect((await simulated(...asked, '--order', order)).requests).toEqual((await simulated(...asked)).requests);
  });

  it('changes roles where it is asked to, and says when', async () => {
    const asked = ['--estimator', 'epd', '--workers', '5E1P2D', '--output', '500', '--rate', '3'];
    const [stays, moves] = [await simulated(...asked), await simulated(...asked, '--switch-every', '5')];
    expect(stays.summary.roles).toEqual([]);
    expect(moves.summary.roles.length).toBeGreaterThan(2);
    for (const { encode, prefill, decode } of moves.summary.roles) {
      expect(encode + prefill + decode).toBeLessThanOrEqual(8);
      expect(Math.min(encode, prefill, decode)).toBeGreaterThanOrEqual(1);
    }
    expect(moves.summary.roles.at(-1)?.decode).toBeGreaterThan(2);
    expect(await simulated(...asked, '--switch-every', '5', '--switch-seconds', '0.7')).toEqual(moves);
    expect(await printed('simulate', ...asked, '--switch-every', '5')).toMatch(/\nInstances that take work\n\nfrom, s +encode +prefill +decode\n +0\.000 +5 +1 +2\n/);
    checkRun(moves);
  });

  it('is the same again, and another with another seed', async () => {
    const asked = ['--workers', '2E1P1D', '--requests', '20'];
    const once = await simulated(...asked);
    expect(await simulated(...asked, '--seed', '0', '--rate', '1', '--arrivals', 'poisson', '--link-share', '0.8', '--share', 'media', '--encode-batch', '1')).toEqual(once);
    expect((await simulated(...asked, '--seed', '1')).requests[1]?.arrival_s).not.toBe(once.requests[1]?.arrival_s);
  });

  it('prints the requests as CSV, and tables and Markdown of the summary', async () => {
    const { requests } = await simulated(...GOLDEN);
    const [header, ...rows] = await csvOf('simulate', ...GOLDEN);
    expect(header).toEqual(Object.keys(simulateShape.shape.requests.element.shape));
    expect(rows).toEqual(requests.map((row) => Object.values(row).map((value) => (value === null ? '' : String(value)))));
    const out = await printed('simulate', ...GOLDEN);
    expect(out).toMatch(/^minicpm-v-2\.6 on 6E1P1D\n/);
    expect(out).toContain('\neach request: 6 images of 4032x3024 (10 tiles, 665 tokens each) and 22 tokens of text, 10 of the answer\n');
    expect(out).toMatch(/^is encoded +\d/m);
    expect((await printed('simulate', ...GOLDEN, '--format', 'markdown')).split('\n').filter((line) => line.startsWith('|'))).toHaveLength(2 + 6 + 2 + 9);
  });
});

describe('multimodal place', () => {
  it('tries every pair of splits that is asked for', async () => {
    const { allocations } = await placed(...QUICK, '--gpus', '4', '--kinds', 'epd', '--tp', '1,2');
    const workers = new Set(allocations.map((row) => row.workers));
    expect([...workers].sort()).toEqual(['1E1P1D (prefill TP 1, decode TP 2)', '1E1P1D (prefill TP 2, decode TP 1)', '1E1P2D', '1E2P1D', '2E1P1D'].sort());
  });

  const QUICK = ['--requests', '20', '--least-seconds', '0', '--images', '2', '--gpus', '4'];

  it('finds 6E1P1D for six images on the engine of EPD, as the paper does', async () => {
    const { allocations, notes } = await placed(...SIX, '--least-seconds', '0');
    expect(allocations[0]).toMatchObject({ kind: 'epd', workers: '6E1P1D', encode: 6, prefill: 1, decode: 1, chips: 8, accelerator: 'a100-80g', order: 'fcfs', usdPerRequest: null });
    // and that encoding with prefill misses 3.9 s even alone
    for (const { kind, rate } of allocations) if (kind !== 'epd') expect(rate).toBe(0);
    expect(notes).toContain('times of the engine of EPD on A100, fitted to its Tables 4 to 6');
  });

  it('looks at each allocation once: only encode instances have encode batches', async () => {
    const { allocations } = await placed(...QUICK);
    const keys = allocations.map(({ workers, kind, batches, share, dispatch }) =>
      JSON.stringify(kind === 'epd' ? [workers, batches, share, dispatch] : [workers, batches.prefill, batches.decode, dispatch]),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('ranks by what each chip serves, or by the price of a request, and simulate agrees', async () => {
    const { allocations } = await placed(...QUICK, '--accelerators', 'h100,h20');
    const rates = allocations.map(({ ratePerChip }) => ratePerChip);
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
    for (const { rate, ratePerChip, chips, usdPerRequest, accelerator } of allocations.filter(({ rate }) => rate > 0)) {
      expect([chips, ratePerChip]).toEqual([4, rate / 4]);
      expect((usdPerRequest as number) / ((4 * (chipOf(accelerator).usdPerHour as number)) / 3600 / rate)).toBeCloseTo(1, 12);
    }
    const epd = allocations.find(({ kind, rate }) => kind === 'epd' && rate > 0) as (typeof allocations)[number];
    const { batches, share, dispatch } = epd;
    const how = ['--prefill-batch', String(batches.prefill), '--encode-batch', String(batches.encode), '--decode-batch', String(batches.decode), '--share', share, '--dispatch', dispatch];
    const ran = await simulated('--accelerator', epd.accelerator, '--workers', epd.workers, '--images', '2', '--requests', '20', '--rate', String(epd.rate), ...how);
    expect(ran.summary.attainment.both).toBeGreaterThanOrEqual(0.9);
    const { allocations: cheapest } = await placed(...QUICK, '--accelerators', 'h100,h20', '--objective', 'cost');
    const prices = cheapest.map(({ usdPerRequest }) => usdPerRequest ?? Number.POSITIVE_INFINITY);
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
  });

  it('has kinds and counts that are asked for, and says which have too few chips', async () => {
    const kinds = (allocations: readonly { readonly kind: string }[]) => [...new Set(allocations.map(({ kind }) => kind))].sort();
    const two = await placed(...QUICK, '--gpus', '2');
    expect(kinds(two.allocations)).toEqual(['aggregated', 'pd']);
    expect(two.notes).toContain('gpus 2 of h100 are too few for epd: encode takes 1, prefill takes 1, decode 1');
    expect(kinds((await placed(...QUICK, '--kinds', 'pd')).allocations)).toEqual(['pd']);
    const fewer = (await placed(...QUICK, '--kinds', 'epd', '--fewer')).allocations;
    expect([...new Set(fewer.map(({ workers }) => workers))].sort()).toEqual(['1E1P1D', '1E1P2D', '1E2P1D', '2E1P1D']);
  });

  it('tries no share of a single image, and goes on where one chip cannot hold the model', async () => {
    const { allocations } = await placed(...QUICK, '--images', '1', '--kinds', 'epd');
    expect(new Set(allocations.map(({ share }) => share))).toEqual(new Set(['media']));
    const { allocations: rest, notes } = await placed('--model', 'qwen3-vl-235b-a22b', '--accelerators', 'l4,h20', '--gpus', '16', '--requests', '10', '--least-seconds', '0', '--kinds', 'pd');
    expect(new Set(rest.map(({ accelerator }) => accelerator))).toEqual(new Set(['h20']));
    expect(notes.some((note) => /^model qwen3-vl-235b-a22b with \d+ tokens does not fit 8 of l4$/.test(note))).toBe(true);
  });

  it('prints a table for each kind, the best of each count, CSV and Markdown', async () => {
    const { allocations, notes } = await placed(...QUICK);
    const out = await printed('place', ...QUICK, '--top', '1');
    for (const title of ['Encode, prefill and decode apart', 'Encode and prefill together, decode apart', 'All on the same instances']) expect(out).toContain(`${title}\n`);
    expect(out).toMatch(/^workers +on +E +P +D +shared +dispatch +all +per chip +USD\/1,000 +why not more$/m);
    expect(out).toMatch(/^2 more: --top, or --format json$/m);
    for (const note of notes) expect(out).toContain(`\n${note}\n`);
    expect(notes.filter((note) => note.startsWith('the best with encoding apart'))).toHaveLength(2);
    const [header, ...rows] = await csvOf('place', ...QUICK);
    expect(header).toEqual([...Object.keys(placeShape.shape.allocations.element.shape).filter((field) => field !== 'batches'), 'encodeBatch', 'prefillBatch', 'decodeBatch']);
    expect(rows).toHaveLength(allocations.length);
    expect((await printed('place', ...QUICK, '--format', 'markdown')).match(/^\| workers \|/gm)).toHaveLength(3);
    // no prices, no column of them
    expect(await printed('place', ...SIX, '--kinds', 'aggregated', '--requests', '20', '--least-seconds', '0')).not.toContain('USD');
    expect((await cli('multimodal', 'place', ...QUICK)).code).toBe(0);
  });
});
