import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { coreResolvers, createEvidence, paperScenario } from '../../src/evidence/index.ts';
import { ATTAINMENT, allocations, bestAllocation, epdAllocations, goodputOf, optimised, RATES, rankedAllocations, shareOfBest, space, spaceMeans } from '../../src/papers/epd/allocations.ts';
import { audioItems, openAudioCells, servedAtOnce } from '../../src/papers/epd/audio-cells.ts';
import { audioGoodput, audioRows, audioSetting } from '../../src/papers/epd/data/audio.ts';
import { IMAGES, SLO } from '../../src/papers/epd/data/latency.ts';
import { table5, table6 } from '../../src/papers/epd/data/runs.ts';
import { closedFormOf, ENGINES, engineForm } from '../../src/papers/epd/engine-fit.ts';
import { epdPaper } from '../../src/papers/epd/index.ts';
import { type PaperForm, paperFormEstimator } from '../../src/papers/epd/paper-form.ts';
import { clientLoad, runOf, switchRun, workersOf } from '../../src/papers/epd/runs.ts';
import { engineConstants, simulatedItems, simulatedNumber } from '../../src/papers/epd/simulated-cells.ts';
import { rateBetween } from '../../src/papers/epd/simulated-formulas.ts';
import { simulatedNumbers } from '../../src/papers/epd/simulated-numbers.ts';
import type { Paper } from '../../src/papers/paper.ts';
import { asPrinted } from '../../src/papers/printed.ts';
import { type ScoreboardRow, scoreboardOf } from '../../src/papers/scoreboard.ts';
import { tpotOf, ttftOf } from '../../src/serving/disaggregation/outcome.ts';
import { allocationText } from '../../src/serving/multimodal/allocation.ts';
import { ttftWithIrp, ttftWithoutIrp } from '../../src/serving/multimodal/latency-form.ts';

const evidence = createEvidence({ ...coreResolvers, epd: epdPaper.resolver }, paperScenario);
const numberOf = (path: string): number => evidence.number(`epd/${path}`).value;
const cells = [...simulatedItems, ...audioItems];
const paper: Paper = {
  ...epdPaper,
  cells: [...cells, ...openAudioCells].map(({ cell }) => cell),
  deviations: cells.flatMap(({ cell, deviates }) => (deviates === undefined ? [] : [{ cell: cell.id, because: deviates }])),
  open: openAudioCells.map(({ cell, because }) => ({ cell: cell.id, because })),
};
const board: readonly ScoreboardRow[] = scoreboardOf([paper], evidence);
const form = engineForm('engine');
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the scoreboard of simulated runs', () => {
  it('has these tables: cells, of them reproduced, deviations, open, predictions', () =>
    expect(board.map(({ table, cells: all, reproduced, deviations, open, predictions }) => [table, all, reproduced, deviations.length, open.length, predictions.length])).toEqual([
      ['table-5', 8, 1, 7, 0, 7],
      ['table-6', 9, 4, 5, 0, 7],
      ['text', 7, 5, 2, 0, 1],
      ['table-7', 21, 1, 1, 19, 0],
    ]));

  it('names what deviates', () =>
    expect(board.flatMap(({ deviations }) => deviations).map(({ cell, printed, computed }) => [cell.replace('epd/', ''), printed, computed])).toEqual([
      ['table-5/optimised/goodput', '1.25', '1.95'],
      ['table-5/optimised/ttft', '2.12', '1.50'],
      ['table-5/random/goodput', '0.56', '0.63'],
      ['table-5/random/ttft', '4.48', '34.06'],
      ['table-5/random/tpot', '0.025', '0.032'],
      ['table-5/ratio/goodput', '2.23', '3.08'],
      ['table-5/ratio/ttft', '2.11', '22.78'],
      ['table-6/switching/ttft', '1.42', '1.33'],
      ['table-6/switching/tpot', '0.05', '0.06'],
      ['table-6/ratio/latency', '2.18', '2.04'],
      ['table-6/ratio/ttft', '0.94', '1.00'],
      ['table-6/ratio/tpot', '2.40', '2.03'],
      ['text/best-allocation/encode-batch', '2', '1'],
      ['text/best-allocation/decode-batch', '128', '1'],
      ['table-7/vllm/goodput', '1.01', '1.02'],
    ]));

  it('predicts these within 5 %', () =>
    expect(
      board
        .flatMap(({ predictions }) => predictions)
        .filter(({ error }) => Math.abs(error as number) <= 0.05)
        .map(({ cell, measured, predicted, error }) => [cell.replace('epd/', ''), measured, predicted, ((error as number) * 100).toFixed(1)]),
    ).toEqual([
      ['table-6/switching/latency', '28.01', '29.15', '4.1'],
      ['table-6/fixed/latency', '61.10', '59.60', '-2.4'],
      ['text/ttft-reduction/minicpm-v-2.6:simulated', '71.9', '72.0', '0.2'],
    ]));

  it('has every cell of Tables 5, 6 and 7 once, and every id of the paper once', () => {
    const printed = new Map(paper.cells.map(({ id, printed: value }) => [id.replace('epd/', ''), value]));
    for (const row of ['switching', 'fixed'] as const) for (const what of ['latency', 'ttft', 'tpot'] as const) expect(printed.get(`table-6/${row}/${what}`)).toBe(table6[row][what]);
    for (const row of ['optimised', 'random'] as const) for (const what of ['goodput', 'ttft', 'tpot'] as const) expect(printed.get(`table-5/${row}/${what}`)).toBe(table5[row][what]);
    for (const system of ['vllm', 'distserve', 'epd'] as const) {
      for (const { rate, attainment } of audioRows) expect(printed.get(`table-7/${system}/${rate}`)).toBe(attainment[system]);
      expect(printed.get(`table-7/${system}/goodput`)).toBe(audioGoodput[system]);
    }
    expect(new Set(epdPaper.cells.map(({ id }) => id)).size).toBe(epdPaper.cells.length);
  });

  it('can open every number down to its leaves', () => {
    const paths = [...Object.keys(simulatedNumbers).filter((path) => !path.startsWith('allocation/engine-')), ...audioRows.map(({ rate }) => `audio/free-worker-share/${rate}`)];
    for (const path of paths) for (const { source, formula } of evidence.tree(`epd/${path}`)) expect(source === null).toBe(formula !== null);
    for (const { cell } of cells) expect(evidence.tree(cell.id).length).toBeGreaterThan(1);
    expect(simulatedNumber(['run', 'engine', 'table-6'])).toBeNull();
    expect(simulatedNumber(['constructor'])).toBeNull();
  });
});

describe('the constants of the engine', () => {
  it('are three, meet their three cells, and lie where they can', () => {
    for (const engine of ENGINES) {
      const { fitted, heldOut, constants } = engineConstants(engine);
      expect(fitted).toHaveLength(Object.keys(constants).length);
      expect(heldOut).toHaveLength(5);
      for (const { seconds, printed } of fitted) expect(seconds).toBeCloseTo(Number(printed), 9);
      expect(constants.busyTime).toBeGreaterThan(0);
      expect(constants.busyTime).toBeLessThan(closedFormOf(engine).constants.base as number);
      expect(constants.requestTime).toBeGreaterThan(0);
    }
    expect(['busyTime', 'stepTime', 'requestTime'].map((symbol) => numberOf(`constant/engine/${symbol}`).toFixed(6))).toEqual(['0.252326', '0.027919', '0.003081']);
  });

  it('have a mean TTFT that grows with the busy part and a mean TPOT that grows with each request, as halving needs', () => {
    const ttfts = [0, 0.1, 0.2, 0.25, 0.3, 0.4, form.fixedSeconds].map(
      (busySeconds) =>
        runOf(
          { ...form, busySeconds },
          workersOf(table6.before),
          clientLoad(table6.images, form, () => 1),
          table6.rate,
        ).means.ttft,
    );
    const alone = Number(table5.optimised.tpot);
    const tpots = [0, 0.001, 0.003, 0.01].map((requestSeconds) => switchRun({ ...form, requestSeconds, stepSeconds: alone - requestSeconds }, 'fixed').means.tpot);
    for (const values of [ttfts, tpots]) expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
  });

  it('have no two requests decode together in Table 5: whatever a further one adds', () => {
    const load = clientLoad(table5.images, form);
    const ofRequest = (requestSeconds: number): number => runOf({ ...form, requestSeconds, stepSeconds: Number(table5.optimised.tpot) - requestSeconds }, optimised, load, table5.rate).means.tpot;
    for (const requestSeconds of [0, 0.01, 0.031]) expect(ofRequest(requestSeconds)).toBeCloseTo(Number(table5.optimised.tpot), 9);
  });

  it('that Table 5 asks for are not those of Table 6: each misses the TTFT of the other', () => {
    expect(asPrinted(numberOf('constant/engine-table-5/busyTime'), '0.00')).toBe('0.44');
    expect(numberOf('run/engine-table-5/table-6/fixed/ttft')).toBeGreaterThan(4 * Number(table6.fixed.ttft));
    expect(asPrinted(numberOf('run/engine/table-5/ttft'), table5.optimised.ttft)).toBe('1.50');
    expect(Math.abs(numberOf('allocation/engine-table-5/6E1P1D') / Number(table5.optimised.goodput) - 1)).toBeLessThan(0.1);
  });
});

describe('a run of the client', () => {
  const alone = (n: number): Readonly<Record<'base' | 'encodeTime' | 'prefillTime' | 'images', number>> => ({
    base: form.fixedSeconds,
    encodeTime: form.encodeSeconds,
    prefillTime: form.imageSeconds,
    images: n,
  });

  it.each(IMAGES)('without a queue has the TTFT of the closed form, %i images', (n) => {
    const workers = workersOf(table5.optimised.workers);
    const ttft = (share: 'media' | 'request'): number => runOf(form, { ...workers, share }, clientLoad(n, form), 1e-4).means.ttft;
    expect(ttft('media')).toBeCloseTo(ttftWithIrp.evaluate({ ...alone(n), workers: 6 }), 8);
    expect(ttft('request')).toBeCloseTo(ttftWithoutIrp.evaluate(alone(n)), 8);
  });

  property.prop([fc.double({ min: 0.05, max: 2, noNaN: true }), fc.double({ min: 1.05, max: 2, noNaN: true }), fc.constantFrom(...IMAGES)], { numRuns: 12 })(
    'waits longer at a higher rate on one worker of each role, and never less than without a queue',
    (rate, factor, n) => {
      const ttft = (at: number): number => runOf(form, workersOf({ encode: 1, prefill: 1, decode: 1 }), clientLoad(n, form), at).means.ttft;
      expect(ttft(rate * factor)).toBeGreaterThanOrEqual(ttft(rate) - 1e-9);
      expect(ttft(rate)).toBeGreaterThanOrEqual(ttftWithIrp.evaluate({ ...alone(n), workers: 1 }) - 1e-9);
    },
  );

  it('reduces TTFT of DistServe ever more until all encode workers are busy, then less', () => {
    const [two, four, six, eight] = IMAGES.map((n) => numberOf(`reduction-simulated/${n}`)) as [number, number, number, number];
    expect(four).toBeGreaterThan(two);
    expect(six).toBeGreaterThan(four);
    expect(eight).toBeLessThan(six);
  });

  it('refuses workers of several chips', () =>
    expect(() => paperFormEstimator(form).apart.instance('prefill', { tensorParallel: 2, pipelineParallel: 1 })).toThrow('epd: tp 2 pp 1 was not measured: one chip a worker was'));
});

describe('the run of Table 6', () => {
  const roles = (how: 'fixed' | 'rule' | 'printed-end'): readonly string[] => switchRun(form, how).outcome.roles.map(({ encode, prefill, decode }) => `${encode}E${prefill}P${decode}D`);

  it('is not said to be moved by the released rule, which counts waiting requests alone', () => {
    const labels = Object.keys(simulatedNumbers)
      .filter((path) => path.includes('/table-6/rule/'))
      .map((path) => simulatedNumber(path.split('/'))?.label);
    expect(labels).toHaveLength(3 * ENGINES.length);
    for (const label of labels) expect(label).toContain('requests that run count, too');
    for (const { deviates = '' } of simulatedItems) expect(deviates).not.toContain('released rule');
  });

  it('ends as printed, and passes that where nothing stops it', () => {
    expect(roles('fixed')).toEqual([]);
    expect(roles('printed-end').at(0)).toBe('5E1P2D');
    expect(roles('printed-end').at(-1)).toBe('2E1P5D');
    expect(roles('rule')).toContain('2E1P5D');
    expect(roles('rule').at(-1)).toBe('1E1P6D');
  });

  it('has a lower mean latency with switching, with every fit and with slower decode', () => {
    const forms: readonly PaperForm[] = [form, ...ENGINES.slice(1).map(engineForm), { ...form, requestSeconds: 2 * form.requestSeconds }];
    for (const each of forms) for (const how of ['rule', 'printed-end'] as const) expect(switchRun(each, how).means.latency).toBeLessThan(switchRun(each, 'fixed').means.latency);
  });

  it('says of the mean latency without switching that its TTFT and TPOT are of the fit', () => {
    const cell = simulatedItems.find(({ cell: each }) => each.id === 'epd/table-6/fixed/latency')?.cell;
    expect(cell?.where).toContain('mostly made of the TTFT and TPOT beside it, to which constants were fitted');
  });

  it('is printed with a latency that itself leaves more than the printed TPOT', () => {
    const { latency, ttft, tpot } = table6.switching;
    const least = (Number(latency) - Number(ttft)) / (table6.longOutput - 1);
    expect(least).toBeGreaterThan(Number(tpot));
    const because = simulatedItems.find(({ cell }) => cell.id === 'epd/table-6/switching/tpot')?.deviates;
    expect(because).toContain(`at least ${least.toFixed(3)} s`);
  });
});

describe('the allocations of eight chips', () => {
  /** Share of requests within the objectives, counted here. */
  const attained = (of: PaperForm, allocation: (typeof allocations)[number], rate: number): number => {
    const { outcome } = runOf(of, allocation, clientLoad(table5.images, of), rate);
    const { ttft, tpot } = SLO['minicpm-v-2.6'][table5.images];
    const [first, each] = [ttftOf(outcome), tpotOf(outcome)];
    return mean(Array.from(first, (time, at) => (time + paperFormEstimator(of).entrySeconds <= ttft && (each[at] as number) <= tpot ? 1 : 0)));
  };

  it('are 21 counts of EPD, seven of prefill and decode, and one of all together', () => {
    const counts = Array.from({ length: 6 }, (_, e) => Array.from({ length: 6 - e }, (_, p) => `${e + 1}E${p + 1}P${6 - e - p}D`)).flat();
    expect(new Set(epdAllocations.map(allocationText))).toEqual(new Set(counts));
    expect(counts).toHaveLength(21);
    expect(allocations).toHaveLength(21 + 7 + 1);
  });

  it('are best as 6E1P1D: no other of the 21 serves as much, by brute force', () => {
    expect(allocationText(bestAllocation())).toBe('6E1P1D');
    const rate = goodputOf('engine', optimised);
    const serving = epdAllocations.filter((allocation) => attained(form, allocation, rate) >= ATTAINMENT);
    expect(serving.map(allocationText)).toEqual(['6E1P1D']);
    expect(attained(form, optimised, rate + RATES.within)).toBeLessThan(ATTAINMENT);
    expect(numberOf('allocation/6E1P1D').toFixed(2)).toBe('1.95');
    expect(numberOf('allocation/5E2P1D').toFixed(2)).toBe('1.80');
  });

  it('that the search ranks are no better than its best, and as good as every count found alone', () => {
    const [best] = rankedAllocations('engine');
    expect(best?.candidate).toEqual(bestAllocation());
    const alone = epdAllocations.map((allocation) => goodputOf('engine', { ...allocation, batches: bestAllocation().batches }));
    expect(best?.rate).toBe(Math.max(...alone));
    const withDecode = goodputOf('engine', { ...bestAllocation(), batches: { ...bestAllocation().batches, decode: 128 } });
    expect(withDecode).toBe(best?.rate);
  });

  it('hang on the constants: 5E2P1D is better with those of 2 and 8 images', () => {
    expect(ENGINES.map((engine) => shareOfBest(engine).toFixed(2))).toEqual(['1.00', '0.94', '1.00', '0.76']);
    expect(numberOf('allocation/engine-2-8/5E2P1D')).toBeGreaterThan(numberOf('allocation/engine-2-8/6E1P1D'));
  });

  it('without encode workers keep no objective with the times of the released run, whose images alone take longer', () => {
    for (const path of ['7P1D', '4P4D', '8']) expect(numberOf(`allocation/${path}`)).toBe(0);
    expect(form.togetherSeconds * table5.images).toBeGreaterThan(SLO['minicpm-v-2.6'][table5.images].ttft);
    expect(evidence.number('epd/allocation/7P1D').note).not.toBeNull();
    expect(evidence.number('epd/allocation/apart-times/7P1D').note).toBeNull();
  });

  it('without encode workers serve less than 6E1P1D even with its times, though not much', () => {
    for (const path of ['7P1D', '8']) {
      expect(numberOf(`allocation/apart-times/${path}`)).toBeLessThan(numberOf('allocation/6E1P1D'));
      expect(numberOf(`allocation/apart-times/${path}`)).toBeGreaterThan(0.9 * numberOf('allocation/6E1P1D'));
    }
  });

  it('have means over a space that explain what a draw of ten may be', () => {
    expect(space).toHaveLength(21 * 2 * 3);
    const rates = space.map((allocation) => goodputOf('engine', allocation));
    const middle = mean(rates);
    expect(spaceMeans().goodput).toBeCloseTo(middle, 12);
    const deviation = Math.sqrt(mean(rates.map((rate) => (rate - middle) ** 2)));
    expect(deviation / Math.sqrt(10)).toBeGreaterThan(Math.abs(middle - Number(table5.random.goodput)));
    expect(rates.filter((rate) => rate < table5.rate).length).toBeGreaterThan(space.length / 2);
    // a lone request is the fastest there is, and slower than printed
    expect(form.stepSeconds + form.requestSeconds).toBeGreaterThan(Number(table5.random.tpot));
    expect(spaceMeans().tpot).toBeGreaterThanOrEqual(form.stepSeconds + form.requestSeconds);
  });
});

describe('Table 7', () => {
  it('is one that no equal time of requests explains: all find a worker free where some miss', () => {
    expect(servedAtOnce(3, audioSetting.slo.ttft, 0.25)).toBe(1);
    expect(Number(audioRows.find(({ rate }) => rate === '0.25')?.attainment.distserve)).toBeLessThan(1);
  });

  property.prop([fc.integer({ min: 1, max: 6 }), fc.double({ min: 0.01, max: 5, noNaN: true }), fc.double({ min: 0.01, max: 5, noNaN: true })])(
    'shares of free workers grow with workers',
    (workers, seconds, rate) => {
      expect(servedAtOnce(workers + 1, seconds, rate)).toBeGreaterThanOrEqual(servedAtOnce(workers, seconds, rate));
      expect(servedAtOnce(workers, 0, rate)).toBe(1);
    },
  );

  it('has goodputs on the line between its attainments; two digits of them allow that of vLLM', () => {
    const between = (more: number, less: number): number => rateBetween.evaluate({ low: 1, high: 1.1, more, less, asked: ATTAINMENT });
    expect(between(0.9, 0.87)).toBe(1);
    expect(between(0.91, 0.9)).toBeCloseTo(1.1, 12);
    expect(between(0.905, 0.865)).toBeLessThan(Number(audioGoodput.vllm) + 0.005);
    expect(between(0.915, 0.875)).toBeGreaterThan(Number(audioGoodput.vllm));
    expect(openAudioCells.find(({ cell }) => cell.id === 'epd/table-7/epd/goodput')?.because).toContain('above 0.9');
  });
});
