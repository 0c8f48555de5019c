import type { NumberSpec } from '../../evidence/number.ts';
import { goodputProcedure } from '../../serving/disaggregation/procedures.ts';
import { type Allocation, allocationText } from '../../serving/multimodal/allocation.ts';
import { kept } from '../kept.ts';
import { ATTAINMENT, allocations, BATCHES, CHIPS, epdAllocations, goodputOf, optimised, type SpaceMeans, shareOfBest, spaceMeans, type Together } from './allocations.ts';
import { distserveTrace, IMAGES, SLO } from './data/latency.ts';
import { CLIENT, table5, table6 } from './data/runs.ts';
import { closedFormOf, ENGINES, type EngineId, engineFitProcedure, engineForm, fittedCells } from './engine-fit.ts';
import { derived, found, ID, type Item, printedLeaf } from './item.ts';
import { ttftReduction } from './latency-formulas.ts';
import type { PaperForm } from './paper-form.ts';
import { clientLoad, type RunMeans, runOf, type SwitchRun, switchRun, workersOf } from './runs.ts';
import { allocationSearchProcedure, epdRunProcedure, spaceMeanProcedure } from './simulated-formulas.ts';

type Numbers = Readonly<Record<string, Item['number']>>;
type Ids = Readonly<Record<string, string>>;

/** Requests per second of Table 4 and of the reductions of TTFT. */
const FEW_REQUESTS = 0.25;
const REPOSITORY = { kind: 'repository', repo: 'vbdi/epdserve', revision: '9b111f710dfb', read: '2026-11-28' } as const;

const id = (path: string): string => `${ID}/${path}`;
const asked = (label: string, value: number): NumberSpec => ({ kind: 'leaf', label, value, unit: '1', source: { kind: 'derived', from: 'the question asked' } });
const E1 = 'Appendix E.1';

const batches: readonly number[] = [...new Set(BATCHES.flatMap(({ encode, prefill, decode }) => [encode, prefill, decode]))];

const settings: Numbers = {
  'setting/requests': printedLeaf('requests of a run', CLIENT.requests, '1', E1),
  'setting/seed': { kind: 'leaf', label: 'seed of the gaps between requests', value: CLIENT.seed, unit: '1', source: { ...REPOSITORY, file: 'online.py' } },
  'setting/prompt': printedLeaf('tokens of the text of a prompt', CLIENT.promptTokens, 'token', E1),
  'setting/output': printedLeaf('tokens of an output', CLIENT.outputTokens, 'token', E1),
  'setting/rate/few': printedLeaf('requests per second of Table 4', FEW_REQUESTS, '1/s', 'section 4.2'),
  'setting/rate/table-5': printedLeaf('requests per second of the times of Table 5', table5.rate, '1/s', 'Table 5'),
  'setting/rate/table-6': printedLeaf('requests per second of Table 6', table6.rate, '1/s', 'section 4.4'),
  'setting/short-requests': printedLeaf('first requests, with short outputs', table6.shortRequests, '1', 'section 4.4'),
  'setting/short-output': printedLeaf('tokens of a short output', table6.shortOutput, 'token', 'section 4.4'),
  'setting/long-output': printedLeaf('tokens of a long output', table6.longOutput, 'token', 'section 4.4'),
  'setting/switch-time': printedLeaf('time that a change of role takes at most', table6.switchSeconds, 's', 'section 3.2.4'),
  'setting/decide-every': {
    kind: 'leaf',
    label: 'time from one decision on roles to the next',
    value: table6.everySeconds,
    unit: 's',
    source: { ...REPOSITORY, file: 'epdserve/resource_allocation.py' },
  },
  'setting/chips': printedLeaf('GPUs', CHIPS, '1', E1),
  'setting/attainment': printedLeaf('share of the requests that is to keep both objectives', ATTAINMENT, '1', 'section 4'),
  ...Object.fromEntries(Array.from({ length: CHIPS + 1 }, (_, count) => [`setting/workers/${count}`, asked('workers of one role', count)])),
  ...Object.fromEntries(batches.map((batch) => [`setting/batch/${batch}`, asked('batch of a stage at most', batch)])),
  ...Object.fromEntries([...new Set<number>([...IMAGES, table6.images])].map((images) => [`setting/images/${images}`, asked('images of a request', images)])),
};

const MEANS = ['latency', 'ttft', 'tpot'] as const;
type Mean = (typeof MEANS)[number];
const LABEL = { latency: 'latency', ttft: 'TTFT', tpot: 'TPOT', goodput: 'goodput' } as const;

const printed: Numbers = {
  ...Object.fromEntries(
    (['optimised', 'random'] as const).flatMap((row) =>
      (['goodput', 'ttft', 'tpot'] as const).map((what) => [
        `printed/table-5/${row}/${what}`,
        printedLeaf(`${LABEL[what]}, ${row} configuration`, Number(table5[row][what]), what === 'goodput' ? '1/s' : 's', 'Table 5'),
      ]),
    ),
  ),
  ...Object.fromEntries(
    (['switching', 'fixed'] as const).flatMap((row) =>
      MEANS.map((what) => [`printed/table-6/${row}/${what}`, printedLeaf(`mean ${LABEL[what]}, roles ${row}`, Number(table6[row][what]), 's', 'Table 6')]),
    ),
  ),
};

const SYMBOLS = { busyTime: 'busySeconds', stepTime: 'stepSeconds', requestTime: 'requestSeconds' } as const satisfies Readonly<Record<string, keyof PaperForm>>;
type EngineSymbol = keyof typeof SYMBOLS;
const MEANING: Readonly<Record<EngineSymbol, string>> = {
  busyTime: 'part of the base for which the prefill worker is busy',
  stepTime: 'time of a decode step before its requests',
  requestTime: 'time by which each request lengthens a decode step',
};
const keysOf = <K extends string>(of: Readonly<Record<K, unknown>>): readonly K[] => Object.keys(of) as K[];

const closedFormInputs = (engine: EngineId): Ids => {
  const fit = closedFormOf(engine);
  return Object.fromEntries(Object.keys(fit.constants).map((symbol) => [symbol, id(`constant/${fit.id}/${symbol}`)]));
};
/** What every run of an engine is computed from. */
const engineInputs = (engine: EngineId): Ids => ({
  ...closedFormInputs(engine),
  ...Object.fromEntries(keysOf(SYMBOLS).map((symbol) => [symbol, id(`constant/${engine}/${symbol}`)])),
  ...Object.fromEntries(['requests', 'seed', 'prompt'].map((name) => [name, id(`setting/${name}`)])),
});
const TOGETHER: Ids = { togetherTime: id('input/distserve-image-time') };
const SHORT_RUN: Ids = { output: id('setting/output') };
const OBJECTIVES: Ids = {
  ttftObjective: id(`slo/minicpm-v-2.6/${table5.images}/ttft`),
  tpotObjective: id(`slo/minicpm-v-2.6/${table5.images}/tpot`),
  attainment: id('setting/attainment'),
  images: id(`setting/images/${table5.images}`),
};

function allocationInputs({ encode, placement, batches }: Allocation): Ids {
  const counts = placement.kind === 'colocated' ? { colocated: placement.instances } : { encode, prefill: placement.prefillInstances, decode: placement.decodeInstances };
  return {
    ...Object.fromEntries(Object.entries(counts).map(([role, count]) => [`${role}Workers`, id(`setting/workers/${count}`)])),
    ...Object.fromEntries(Object.entries(batches).map(([role, batch]) => [`${role}Batch`, id(`setting/batch/${batch}`)])),
    ...(encode > 0 ? {} : TOGETHER),
  };
}

const constants: Numbers = Object.fromEntries(
  ENGINES.flatMap((engine) =>
    keysOf(SYMBOLS).map((symbol) => [
      `constant/${engine}/${symbol}`,
      found(
        `${MEANING[symbol]}, fitted (${engine})`,
        's',
        engineFitProcedure,
        { ...closedFormInputs(engine), ...Object.fromEntries(fittedCells(engine).map((cell) => [cell, id(`printed/${cell}`)])) },
        () => engineForm(engine)[SYMBOLS[symbol]],
      ),
    ]),
  ),
);

const meansOfRun = kept<RunMeans>();
/** Means of the run of Table 6. */
export const switchMeans = (engine: EngineId, how: SwitchRun): RunMeans => meansOfRun(`table-6 ${engine} ${how}`, () => switchRun(engineForm(engine), how).means);
/** Means of the client's run with so many images at a rate. */
export const clientMeans = (engine: EngineId, allocation: Allocation, images: number, rate: number): RunMeans =>
  meansOfRun(`${engine} ${allocationText(allocation)} ${allocation.batches.encode} ${images} ${rate}`, () => {
    const form = engineForm(engine);
    return runOf(form, allocation, clientLoad(images, form), rate).means;
  });

const HOW: Readonly<Record<SwitchRun, string>> = {
  fixed: 'workers keep their roles',
  rule: 'workers change roles as long as queues ask for it, requests that run count, too',
  'printed-end': 'workers change roles until they are as the paper has them at the end',
};
const SWITCH_SETTINGS = ['rate/table-6', 'short-requests', 'short-output', 'long-output', `images/${table6.images}`] as const;

/** A mean of the run of Table 6. */
export const switchNumber = (engine: EngineId, how: SwitchRun, what: Mean): Item['number'] =>
  found(
    `mean ${LABEL[what]} of the run of Table 6, ${HOW[how]} (${engine})`,
    's',
    epdRunProcedure,
    {
      ...engineInputs(engine),
      ...Object.fromEntries([...SWITCH_SETTINGS, ...(how === 'fixed' ? [] : (['switch-time', 'decide-every'] as const))].map((name) => [name, id(`setting/${name}`)])),
      ...Object.fromEntries(Object.entries(table6.before).map(([role, count]) => [`${role}Workers`, id(`setting/workers/${count}`)])),
      ...(how === 'printed-end' ? { encodeWorkersAtEnd: id(`setting/workers/${table6.after.encode}`) } : {}),
    },
    () => switchMeans(engine, how)[what],
  );

/** A mean of the optimised configuration at the rate of Table 5. */
export const optimisedNumber = (engine: EngineId, what: Mean): Item['number'] =>
  found(
    `mean ${LABEL[what]} of ${allocationText(optimised)} at the rate of Table 5 (${engine})`,
    's',
    epdRunProcedure,
    { ...engineInputs(engine), ...SHORT_RUN, ...allocationInputs(optimised), rate: id('setting/rate/table-5'), images: id(`setting/images/${table5.images}`) },
    () => clientMeans(engine, optimised, table5.images, table5.rate)[what],
  );

const NEVER = 'an image takes so long on a worker that encodes and reads that the images of a request alone take longer than its objective';
const oneRequestMisses = ({ encode }: Allocation, together: Together): boolean =>
  encode === 0 && together === 'released' && (distserveTrace.seconds / distserveTrace.images) * table5.images > SLO['minicpm-v-2.6'][table5.images].ttft;

/** Highest rate of an allocation within the objectives of six images. */
export function goodputNumber(engine: EngineId, allocation: Allocation, together: Together = 'released'): Item['number'] {
  const { togetherTime: _, ...rest } = allocationInputs(allocation) as Ids & { togetherTime?: string };
  const inputs = together === 'released' ? allocationInputs(allocation) : rest;
  const how = together === 'released' ? '' : ', an image as long as on an encode and a prefill worker';
  return found(
    `goodput of ${allocationText(allocation)}${how} (${engine})`,
    '1/s',
    goodputProcedure,
    { ...engineInputs(engine), ...SHORT_RUN, ...OBJECTIVES, ...inputs },
    () => goodputOf(engine, allocation, together),
    oneRequestMisses(allocation, together) ? NEVER : undefined,
  );
}

/** What the search and the means over a space are run on. */
export const spaceInputs: Ids = { ...engineInputs('engine'), ...SHORT_RUN, ...OBJECTIVES, ...TOGETHER, chips: id('setting/chips') };

/** A mean over the space. */
export const spaceNumber = (what: keyof SpaceMeans): Item['number'] => {
  const { togetherTime: _, ...inputs } = spaceInputs;
  return found(
    `${LABEL[what]}, mean over all allocations`,
    what === 'goodput' ? '1/s' : 's',
    spaceMeanProcedure,
    { ...inputs, rate: id('setting/rate/table-5'), ...Object.fromEntries(batches.map((batch) => [`batch${batch}`, id(`setting/batch/${batch}`)])) },
    () => spaceMeans()[what],
  );
};

const runs: Numbers = Object.fromEntries(
  ENGINES.flatMap((engine) => [
    ...MEANS.map((what) => [`run/${engine}/table-5/${what}`, optimisedNumber(engine, what)] as const),
    ...(Object.keys(HOW) as SwitchRun[]).flatMap((how) => MEANS.map((what) => [`run/${engine}/table-6/${how}/${what}`, switchNumber(engine, how, what)] as const)),
  ]),
);

const goodputs: Numbers = Object.fromEntries([
  ...allocations.map((allocation) => [`allocation/${allocationText(allocation)}`, goodputNumber('engine', allocation)] as const),
  ...allocations.filter(({ encode }) => encode === 0).map((allocation) => [`allocation/apart-times/${allocationText(allocation)}`, goodputNumber('engine', allocation, 'apart-times')] as const),
  ...ENGINES.flatMap((engine) => [
    ...(engine === 'engine' ? [] : epdAllocations).map((allocation) => [`allocation/${engine}/${allocationText(allocation)}`, goodputNumber(engine, allocation)] as const),
    [
      `share-of-best/${engine}`,
      found(
        `goodput of ${allocationText(optimised)} over that of the best counts (${engine})`,
        '1',
        allocationSearchProcedure,
        { ...engineInputs(engine), ...SHORT_RUN, ...OBJECTIVES, chips: id('setting/chips') },
        () => shareOfBest(engine),
      ),
    ] as const,
  ]),
]);

/** TTFT with a queue at the rate of Table 4: of EPD, and of DistServe with the times of its released run. */
const ttfts: Numbers = Object.fromEntries(
  IMAGES.flatMap((images) => {
    const of = (system: string, workers: Parameters<typeof workersOf>[0]): readonly [string, Item['number']] => {
      const allocation = workersOf(workers);
      return [
        `ttft-simulated/${system}/${images}`,
        found(
          `mean TTFT of ${allocationText(allocation)}, ${images} images`,
          's',
          epdRunProcedure,
          { ...engineInputs('engine'), ...SHORT_RUN, ...allocationInputs(allocation), rate: id('setting/rate/few'), images: id(`setting/images/${images}`) },
          () => clientMeans('engine', allocation, images, FEW_REQUESTS).ttft,
        ),
      ];
    };
    return [
      of('epd', { encode: 6, prefill: 1, decode: 1 }),
      of('distserve', { encode: 0, prefill: 7, decode: 1 }),
      [
        `reduction-simulated/${images}`,
        derived(`reduction of TTFT against DistServe, ${images} images, both simulated`, ttftReduction, {
          ttft: id(`ttft-simulated/epd/${images}`),
          other: id(`ttft-simulated/distserve/${images}`),
        }),
      ] as const,
    ];
  }),
);

/** Numbers of simulated runs under their path. */
export const simulatedNumbers: Numbers = { ...settings, ...printed, ...constants, ...runs, ...goodputs, ...ttfts };
