import type { Placement } from '../../serving/disaggregation/estimator.ts';
import { type Evaluated, searchTogether } from '../../serving/disaggregation/placement.ts';
import { goodputProcedure, simulationProcedure } from '../../serving/disaggregation/procedures.ts';
import { kept } from '../kept.ts';
import { figure8 } from './data/figure8.ts';
import type { Splits } from './data/placements.ts';
import { type ReferenceRun, referenceRuns } from './data/reference-runs.ts';
import { type ReferenceSearch, readmeSearch, referenceSearches, type SearchResult } from './data/searches.ts';
import { table1 } from './data/tables.ts';
import { found, type Item, item } from './item.ts';
import { attainmentOfRun, estimatorOf, loadOfSent, placementOf, type Run } from './runs.ts';
import { askedInputs, instanceInputs, setting } from './settings.ts';

export const PERCENT = 0.01;
const seconds = ({ ttftMs, tpotMs }: ReferenceRun['slo']) => ({ ttft: ttftMs / 1e3, tpot: tpotMs / 1e3 });
const sent = (requests: number): Run['sent'] => ({ dataSet: 'sharegpt', requests, spanIsExact: false });
const splitsText = ({ engine, splits }: Splits): string => `${engine === 'vllm' ? 'vllm-' : ''}${splits.join('-')}`;

/** Objectives other than those of Table 1 are named. */
const sloText = ({ model, slo: { ttftMs, tpotMs } }: ReferenceRun): string =>
  table1.some((row) => row.model === model && row.ttftSeconds === ttftMs / 1e3 && row.tpotSeconds === tpotMs / 1e3) ? '' : `-slo${ttftMs}-${tpotMs}`;
const nameOf = (run: ReferenceRun): string => `${run.model.replace('-', '')}-${run.engine}-${run.splits.join('-')}-rate${run.rate}-n${run.requests}${sloText(run)}`;

/** `simulator`: what the released simulator printed for its own runs, by ours in its mode. */
const simulatorItems: readonly Item[] = referenceRuns.map((reference) => {
  const run: Run = { ...reference, mode: 'released', sent: sent(reference.requests) };
  const slo = seconds(reference.slo);
  const name = nameOf(reference);
  const label = `attainment, ${name}`;
  const inputs = { rate: setting('rate', run.rate), ...askedInputs(slo, run.sent), ...instanceInputs(run.model, run.mode, run) };
  return item(
    `simulator/${name}`,
    reference.attainmentPercent,
    `released simulator, ${name}, per cent of requests`,
    found(label, '1', simulationProcedure, inputs, () => attainmentOfRun(run, slo)),
    {
      scale: PERCENT,
    },
  );
});

const searched = kept<ReadonlyMap<string, Evaluated<Placement>>>();

/** What our search, in the mode of the released one, makes of every configuration of one of its searches. */
export const searchAgain = ({ id, model, slo, requests, highest, within, results }: ReferenceSearch): ReadonlyMap<string, Evaluated<Placement>> =>
  searched(id, () => {
    const candidates = results.map((result) => ({ ...placementOf(result), name: splitsText(result) }));
    const ranking = searchTogether(estimatorOf(model, 'released'), candidates, {
      loads: [loadOfSent(sent(requests))],
      goal: { slo: seconds(slo), criterion: 'separate', share: 0.9 },
      rates: { highest, within },
      objective: 'rate',
      prune: null,
    });
    return new Map(ranking.map((evaluated) => [evaluated.candidate.name, evaluated]));
  });

function searchNumber(search: ReferenceSearch, result: SearchResult): Item['number'] {
  const { model, slo, requests } = search;
  const inputs = { share: setting('share', 0.9), ...askedInputs(seconds(slo), sent(requests)), ...instanceInputs(model, 'released', result) };
  const name = splitsText(result);
  return found(`goodput per GPU of ${model}, ${name}`, '1/s', goodputProcedure, inputs, () => (searchAgain(search).get(name) as Evaluated<Placement>).ratePerChip);
}

/** `search`: what the released search printed for every configuration that it can run. Those that it refuses have no cell; ours refuses them too (a test compares). */
const searchItems: readonly Item[] = referenceSearches.flatMap((search) =>
  search.results.flatMap((result) =>
    result.ratePerGpu === null
      ? []
      : [item(`search/${search.id}/${splitsText(result)}`, result.ratePerGpu, `released search ${search.id}, ${splitsText(result)}, requests per second and GPU`, searchNumber(search, result))],
  ),
);

const readme = referenceSearches.find(({ id }) => id === readmeSearch.search) as ReferenceSearch;
const readmeResult = readme.results.find((result) => splitsText(result) === readmeSearch.splits) as SearchResult;
const readmeItem = item(
  `search/${readmeSearch.search}/readme`,
  readmeSearch.ratePerGpu,
  'README of the released code, best placement of OPT-13B on one server of four GPUs, requests per second and GPU',
  searchNumber(readme, readmeResult),
  {
    deviates:
      'the README ran on its own sample of lengths, which the code does not come with; the same placement is best, the released search gives our number for these lengths, and other 300 lengths of the same list give from 1.41 to 2.03, 1.56 among them',
  },
);

/** What the released search finds for the paper's placement, beside what the paper measured. */
const measuredItems: readonly Item[] = (
  [
    ['13b-250-100', '2-1-1-1'],
    ['66b-2500-150', '4-1-2-2'],
  ] as const
).map(([id, splits]) => {
  const search = referenceSearches.find((each) => each.id === id) as ReferenceSearch;
  const result = search.results.find((each) => splitsText(each) === splits) as SearchResult;
  const line = figure8[search.model].rate.lines[0]?.at.distserve;
  return item(
    `search/${id}/measured`,
    String(line),
    `Figure 8, requests per second and GPU of DistServe at 90 %, ${search.model}, read from the line; by the released search`,
    searchNumber(search, result),
    {
      aim: { kind: 'within', share: 0.15 },
    },
  );
});

export const referenceItems: readonly Item[] = [...simulatorItems, ...searchItems, readmeItem, ...measuredItems];
