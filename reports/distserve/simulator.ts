import { readmeSearch, referenceSearches } from '../../src/papers/distserve/data/searches.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, RowView, SectionView } from '../../src/report/view.ts';
import { type DistserveContext, id, tokens } from './context.ts';

const README = id(`search/${readmeSearch.search}/readme`);
const COUNTS: Readonly<Record<number, string>> = { 4: 'four', 8: 'eight' };
const searchName = ({ model, servers, slo }: (typeof referenceSearches)[number]): string => {
  const gpus = servers.nodes * servers.gpusPerNode;
  return `${model.toUpperCase()}, ${COUNTS[gpus] ?? gpus} GPUs, ${slo.ttftMs} ms and ${slo.tpotMs} ms`;
};

/** The released simulator and its search, again. */
export function simulatorSection({ cells }: DistserveContext): SectionView {
  const exact = (name: string, of: (status: 'reproduced' | 'deviation') => number): RowView => ({
    header: name,
    cells: { cells: { text: String(of('reproduced') + of('deviation')) }, exact: { text: String(of('reproduced')) } },
  });
  const inSearch = (search: string) => (status: 'reproduced' | 'deviation') =>
    referenceSearches
      .filter((each) => each.id === search)
      .flatMap(({ results }) => results)
      .filter(({ engine, splits, ratePerGpu }) => ratePerGpu !== null && cells.compared(id(`search/${search}/${engine === 'vllm' ? 'vllm-' : ''}${splits.join('-')}`)).status === status).length;
  const all = cells.count('deviation', 'simulator') === 0 && cells.count('deviation', 'search') === 1 && cells.compared(README).status === 'deviation';
  return {
    anchor: 'simulator',
    label: 'Table A',
    heading: 'The released simulator, exactly',
    takeaway: claim(
      'Every attainment that the released simulator printed and every rate that its search printed comes out, digit for digit; only the rate that its README names does not, which ran on lengths that were not released.',
      all,
    ),
    blocks: [
      {
        kind: 'table',
        anchor: 'simulator',
        label: 'Table A',
        caption: claim('All numbers that the released code prints come out', all),
        rowHeader: 'What was run',
        columns: [
          { id: 'cells', header: 'Numbers printed' },
          { id: 'exact', header: 'Exactly ours' },
          { id: 'rate', header: 'Best rate', unit: '1/s a GPU' },
        ],
        rows: [
          exact('Runs of the simulator', (status) => cells.count(status, 'simulator')),
          ...referenceSearches.map((each) => exact(`Search: ${searchName(each)}`, inSearch(each.id))),
          { header: 'README: the best placement, OPT-13B, four GPUs', cells: { cells: { text: '1' }, exact: { text: '0' }, rate: cells.cell(README) } },
        ],
        note: 'The code released with the paper, unchanged, run for this project with the lengths of the measured runs; attainments to all printed digits, rates of the search to all of theirs. Splits that it refuses are refused here too.',
      },
      {
        kind: 'list',
        items: [
          'Its times are fits to single passes, raised by hand by a factor for prefill and for vLLM; a stage adds a fixed time, the first stage one more.',
          'It limits no memory: a decode instance takes any number of requests, up to a fixed number of tokens in a step. Keys and values move in no time.',
          'Its search asks that nine in ten requests keep each objective by itself, its figures that they keep both.',
          'The README names the placement that we find too. The released search, run for these lengths, gives our rate.',
        ],
      },
    ],
  };
}

const ROWS = [
  ['OPT-13B, chatbot, four GPUs', 'opt-13b/sharegpt', ''],
  ['OPT-13B, chatbot, eight GPUs', 'opt-13b/sharegpt', ':eight-gpus'],
  ['OPT-66B, chatbot', 'opt-66b/sharegpt', ''],
  ['OPT-66B, summaries', 'opt-66b/longbench', ''],
  ['OPT-66B, code', 'opt-66b/humaneval', ''],
] as const;
const MODES = ['released', 'limited', 'engine'] as const;
const EMPTY: CellView = { text: '' };

/** Table 3: whether the placements that the paper chose are the best. */
export function table3Section({ cells, ours, peek, slot }: DistserveContext): SectionView {
  const known = (path: string): boolean => {
    try {
      return cells.compared(id(path)).status !== 'open';
    } catch {
      return false;
    }
  };
  const rows = ROWS.map(([header, path, suffix]): RowView => {
    const [, model = ''] = /^(opt-\d+b)/.exec(path) ?? [];
    const [prefill, decode] = model === 'opt-13b' ? ['TP 2', 'TP 1'] : ['TP 4', 'TP 2, PP 2'];
    return {
      header,
      cells: {
        prefill: { text: prefill as string },
        decode: { text: decode as string },
        ...Object.fromEntries(MODES.map((mode) => [mode, known(`table-3/${path}/${mode}${suffix}`) ? ours(`table-3/${path}/${mode}${suffix}`) : EMPTY])),
      },
    };
  });
  const large: RowView = {
    header: 'OPT-175B, chatbot',
    cells: { prefill: { text: 'TP 3, PP 3' }, decode: { text: 'TP 4, PP 3' }, engine: { text: '', footnote: `Open: ${cells.compared(id('table-3/opt-175b/sharegpt')).because}.` } },
  };
  const share = (path: string): number => peek(id(`table-3/${path}`));
  const needsMemory = share('opt-66b/sharegpt/released') < 0.9 && share('opt-66b/sharegpt/limited') > 0.995 && share('opt-66b/sharegpt/engine') > 0.995;
  return {
    anchor: 'table-3',
    label: 'Table 3',
    heading: 'The chosen placements, searched again',
    takeaway: claim(
      'The choice of the paper for OPT-66B is the best only where memory is counted: without a limit, a decode instance of two GPUs looks better, which has no room for the requests that it would serve.',
      needsMemory,
    ),
    blocks: [
      {
        kind: 'table',
        anchor: 'table-3',
        label: 'Table 3',
        caption: claim("Goodput of the paper's placement over that of the best one", needsMemory),
        rowHeader: 'Model, application',
        columns: [
          { id: 'prefill', header: 'Prefill', numeric: false, group: 'Placement of the paper' },
          { id: 'decode', header: 'Decode', numeric: false, group: 'Placement of the paper' },
          { id: 'released', header: 'As released', group: 'Share of the best' },
          { id: 'limited', header: 'Within memory', group: 'Share of the best' },
          { id: 'engine', header: 'Our times', group: 'Share of the best' },
        ],
        rows: [...rows, large],
        note: `One: nothing has more requests per second and GPU. Empty cells were not searched. TP: chips that share every operator; PP: stages. A decode instance of OPT-66B on two GPUs can keep ${slot(id('kv-capacity/opt-66b/2x1/tokens'), tokens)} tokens, in two stages of two GPUs ${slot(id('kv-capacity/opt-66b/2x2/tokens'), tokens)}.`,
      },
    ],
  };
}
