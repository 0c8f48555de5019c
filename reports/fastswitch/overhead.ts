import { type OverheadRow, overheadLines } from '../../src/chart/index.ts';
import { figure9, figure10 } from '../../src/papers/fastswitch/data/overheads.ts';
import { claim } from '../../src/report/definition.ts';
import type { Block, CellView, FigureBlock, RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { EMPTY, type FastswitchContext, gigabytesPerSecond, id, micro, POLICY_NAMES, percent, SERIES, twice } from './context.ts';

const SYSTEMS = ['vllm', 'dbg'] as const;
const FREQUENCIES = figure10.vllm.frequency;
const FEWEST = FREQUENCIES[0] as number;
const MOST = FREQUENCIES.at(-1) as number;
const at = (system: string, f: number): string => `figure-10/share/${system}/${f}`;
const all = SYSTEMS.flatMap((system) => FREQUENCIES.map((f) => at(system, f)));

/** Whether groups about halve the simulated share, but at the most frequent updates. */
const halved = ({ look }: FastswitchContext): boolean => FREQUENCIES.every((f) => f === MOST || look(at('dbg', f)) < 0.6 * look(at('vllm', f)));
/** Simulated over drawn share of vLLM. */
const overDrawn = ({ look }: FastswitchContext, f: number): number => look(at('vllm', f)) / look(`input/figure-10/vllm/${f}`);
const rarest = (context: FastswitchContext): number => overDrawn(context, FEWEST);
const mostFrequent = (context: FastswitchContext): number => overDrawn(context, MOST);

function figure(context: FastswitchContext): FigureBlock {
  const { look, simulated, numbers, answered } = context;
  const rows = SYSTEMS.flatMap((system) =>
    FREQUENCIES.map((f): OverheadRow => {
      const ours = simulated(at(system, f));
      return {
        panel: '',
        series: system,
        name: POLICY_NAMES[system],
        x: f,
        ...(ours === undefined ? {} : { percent: Number((100 * ours).toPrecision(6)), number: numbers.reference(id(at(system, f))) }),
        reference: 100 * look(`input/figure-10/${system}/${f}`),
      };
    }),
  );
  const simulatedHalf = halved(context) && rarest(context) > 5 && rarest(context) > mostFrequent(context);
  const drawn = FREQUENCIES.every((f) => look(`input/figure-10/dbg/${f}`) < 0.6 * look(`input/figure-10/vllm/${f}`));
  return {
    kind: 'figure',
    anchor: 'overhead-lines',
    label: 'Figure C',
    chart: overheadLines(rows, {
      id: 'overhead-lines',
      title: claim('Groups save about half of the time that switches take, drawn and simulated; how much that is differs most where updates are rare', drawn && simulatedHalf),
      description: 'Share of the time of a run that context switches take over the frequency of priority updates, vLLM and block groups alone, LLaMA-8B on A10.',
      x: 'frequency',
      log: true,
      valueName: 'Simulated',
      referenceName: 'Read from Figure 10',
      allSeries: SERIES,
    }),
    source: answered(all) ? 'Simulated runs of {{#figure-10}}; marks read from the drawing.' : 'Marks read from the drawing.',
  };
}

function table({ cell, cite }: FastswitchContext): TableBlock {
  return {
    kind: 'table',
    anchor: 'figure-10',
    label: 'Figure 10',
    caption: 'Share of the time that switches take, and how many times shorter groups make a stall',
    rowHeader: 'Updates an iteration',
    columns: [
      { id: 'vllm', header: 'vLLM', group: 'Share of the time, simulated' },
      { id: 'dbg', header: 'Groups', group: 'Share of the time, simulated' },
      { id: 'stallVllm', header: 'vLLM', unit: 'iterations', group: 'Stall of an update, as drawn' },
      { id: 'stallDbg', header: 'Groups', unit: 'iterations', group: 'Stall of an update, as drawn' },
      { id: 'gain', header: 'Gain of copies alone' },
      { id: 'call', header: 'Call of vLLM', unit: 'µs', group: 'What the drawn gain implies' },
      { id: 'rate', header: 'Rate', unit: 'GB/s', group: 'What the drawn gain implies' },
    ],
    rows: FREQUENCIES.map(
      (f): RowView => ({
        header: String(f),
        cells: {
          vllm: cell(at('vllm', f)),
          dbg: cell(at('dbg', f)),
          stallVllm: cite(`stall/vllm/${f}`, twice),
          stallDbg: cite(`stall/dbg/${f}`, twice),
          gain: cell(`figure-10/gain/${f}`),
          call: cite(`implied/${f}/call-time`, micro),
          rate: cite(`implied/${f}/rate`, gigabytesPerSecond),
        },
      }),
    ),
    note: 'A share is turned into the stall of an update before the two are divided. The gain of copies alone is one number: that of a mean group of the text, swapped out block by block or as a group. Implied: by the time of a block of Table 1.',
  };
}

function gains({ cite, cell }: FastswitchContext): TableBlock {
  const row = (header: string, dispatch: string): RowView => ({
    header,
    cells: { serial: cite(`transfer/${dispatch}/serial/gain`, twice), pipelined: cite(`transfer/${dispatch}/pipelined/gain`, twice) },
  });
  return {
    kind: 'table',
    anchor: 'gains',
    label: 'Table H',
    caption: 'How many times as fast a mean group is copied as its blocks one by one',
    rowHeader: 'Dispatch',
    columns: [
      { id: 'serial', header: 'Copy after dispatch' },
      { id: 'pipelined', header: 'Copy beside dispatch' },
      { id: 'printed', header: 'The text, at most' },
    ],
    rows: [
      { ...row('Measured, to the host', 'out'), cells: { ...row('', 'out').cells, printed: cell('text/group-gain') } },
      row('Measured, to the device', 'in'),
      row('As printed, to the host', 'printed'),
    ],
    note: 'PCIe 4.0, slices of LLaMA-8B. The printed gain comes out of Figure 10 at the fewest updates.',
  };
}

function lines({ cite }: FastswitchContext): TableBlock {
  const row = (header: string, what: string, format: (value: number) => string, gain: CellView = EMPTY): RowView => ({
    header,
    cells: { vllm: cite(`line/vllm/${what}`, format), dbg: cite(`line/dbg/${what}`, format), gain },
  });
  return {
    kind: 'table',
    anchor: 'lines',
    label: 'Table I',
    caption: 'The four rarest frequencies of Figure 10 as a line: a share without updates, and a stall for each',
    rowHeader: 'Of the line',
    columns: [
      { id: 'vllm', header: 'vLLM' },
      { id: 'dbg', header: 'Groups' },
      { id: 'gain', header: 'vLLM over groups' },
    ],
    rows: [
      row('Share without updates, %', 'base', (share) => (100 * share).toFixed(2)),
      row('Stall of an update, iterations', 'stall', twice, cite('line/gain', twice)),
      row('Largest distance of a point, %', 'residual', (share) => (100 * share).toFixed(2)),
    ],
  };
}

function callStack({ cell, cite }: FastswitchContext): TableBlock {
  return {
    kind: 'table',
    anchor: 'figure-9',
    label: 'Figure 9',
    caption: 'What the call stack of the scheduler takes of a run, as drawn',
    rowHeader: 'Updates an iteration',
    columns: [
      { id: 'vllm', header: 'vLLM', unit: '%' },
      { id: 'fastswitch', header: 'FastSwitch', unit: '%' },
      { id: 'more', header: 'More, beside the text', unit: '%' },
    ],
    rows: figure9.fastswitch.frequency.map(
      (f): RowView => ({
        header: String(f),
        cells: {
          vllm: cite(`input/figure-9/vllm/${f}`, (share) => (100 * share).toFixed(2)),
          fastswitch: cite(`input/figure-9/fastswitch/${f}`, (share) => (100 * share).toFixed(2)),
          more: cell(`figure-9/call-stack/${f}`),
        },
      }),
    ),
    note: 'The text says that FastSwitch takes at most so much more of a run.',
  };
}

/** What switches cost: Figures 9 and 10. */
export function overheadSection(context: FastswitchContext): SectionView {
  const { own, look } = context;
  const gain = look('transfer/out/serial/gain');
  const drawn = FREQUENCIES.map((f) => look(`drawn-gain/${f}`));
  const between = gain > Math.min(...drawn) && gain < Math.max(...drawn);
  const printedMore = look('transfer/printed/serial/gain') > 1.5 * Math.max(...drawn);
  const jumps = look('stall/vllm/0.03') > 3 * look('stall/vllm/0.02') && look('stall/dbg/0.03') > 3 * look('stall/dbg/0.02');
  const kept = SYSTEMS.every((system) => look(`stall/${system}/${FEWEST}`) > 2.5 * look(`stall/${system}/0.01`));
  const python = Math.abs(look('implied/text/call-time') / look('today/copy/framework/d2h/dispatch') - 1) < 0.1;
  const extrapolated = SYSTEMS.every((system) => look(`extrapolated/${system}/${MOST}`) < look(`input/figure-10/${system}/${MOST}`) / 3);
  const rare = SYSTEMS.every((system) => look(at(system, FEWEST)) > 5 * look(`input/figure-10/${system}/${FEWEST}`)) && mostFrequent(context) < 1.3;
  const half = halved(context);
  const line = SYSTEMS.every((system) => look(`line/${system}/residual`) < 0.0006) && look('line/vllm/base') > 0.005;
  const blocks: readonly Block[] = [
    figure(context),
    table(context),
    gains(context),
    {
      kind: 'paragraph',
      text: `${claim('Dispatch as the paper states it would make groups faster than any drawn gain', printedMore)}: ${own('transfer/printed/serial/gain', (value) => `${twice(value)} times`)}. The gain of the text asks for calls of ${own('implied/text/call-time', (seconds) => `${micro(seconds)} µs`)} in vLLM; ${claim('a loop in Python measures about as much', python)}.`,
    },
    lines(context),
    {
      kind: 'list',
      items: [
        claim(
          'A stall for each update explains the drawing only where updates are rare, and only beside a share that is there without them: where hardly anything is swapped the stall of an update seems the largest.',
          kept && line,
        ),
        claim('Between two and three updates in a hundred iterations the stall of an update grows several times, with and without groups; the paper does not say why.', jumps),
        `${claim('The line of rare updates falls far short of frequent ones', extrapolated)}: at the most frequent it would give vLLM ${own(`extrapolated/vllm/${MOST}`, (share) => `${percent(share)} %`)} of the time, and ${own(`input/figure-10/vllm/${MOST}`, (share) => `${percent(share)} %`)} is drawn.`,
        claim(
          'Simulated, groups halve the time lost to copies as in the drawing, but there is much more of it where updates are rare: the simulated GPU is out of memory all the time, with updates or without, and every request that comes back is copied. Only at the most frequent updates do both agree on vLLM.',
          rare && half,
        ),
      ],
    },
    callStack(context),
  ];
  return {
    anchor: 'overhead',
    heading: 'What switches cost',
    takeaway: `Groups of the mean size of the text copy ${own('transfer/out/serial/gain', (value) => `${twice(value)} times`)} as fast as single blocks by measured dispatch; ${claim('that lies between the gains that the figure draws', between)}, which reach from ${own('drawn-gain/0.02', twice)} to ${own(`drawn-gain/${FEWEST}`, twice)}.`,
    blocks,
  };
}
