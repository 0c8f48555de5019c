import { claim } from '../../src/report/definition.ts';
import type { CellView, RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { type FastswitchContext, gigabytesPerSecond, id, kib, micro, percent, times, tokens } from './context.ts';

const RUNS = { traditional: 'Traditional', reuse: 'With reuse' } as const;
type Run = keyof typeof RUNS;
const COLUMNS = (Object.keys(RUNS) as Run[]).map((run) => ({ id: run, header: RUNS[run] }));

function rowsOf({ cite, cell }: FastswitchContext): { readonly printed: readonly RowView[]; readonly derived: readonly RowView[] } {
  const row = (header: string, of: (run: Run) => CellView, unit = ''): RowView => ({ header, cells: { unit: { text: unit }, traditional: of('traditional'), reuse: of('reuse') } });
  const number = (header: string, path: (run: Run) => string, format: (value: number) => string, unit = ''): RowView => row(header, (run) => cite(path(run), format), unit);
  const of = (what: string) => (run: Run) => `swap-out/${run}/${what}`;
  return {
    printed: [
      number('Blocks swapped out', (run) => `input/${run}-blocks`, tokens),
      number('Operations', (run) => `input/${run}-operations`, tokens),
      row('Blocks of an operation', (run) => cell(`table-1/${run}/granularity`)),
      row('Time of all swap-outs, by our dispatch and rate', (run) => cell(`table-1/${run}/seconds`), 's'),
    ],
    derived: [
      number('Time of an operation', of('per-operation'), (seconds) => (1e3 * seconds).toFixed(2), 'ms'),
      number('Time of a block', of('per-block'), micro, 'µs'),
      number('Calls, a slice of a group each', of('calls'), tokens),
      number('Time of a call', of('per-call'), micro, 'µs'),
      number('Bytes of a mean call', of('call-bytes'), kib, 'KiB'),
      number('Bytes', of('bytes'), (bytes) => (bytes / 1e9).toFixed(1), 'GB'),
      number('Rate', of('rate'), gigabytesPerSecond, 'GB/s'),
      number('Share of the line rate', of('utilisation'), percent, '%'),
      number('Rate, were calls of the printed size', of('rate-multi-head'), gigabytesPerSecond, 'GB/s'),
      number('Share of the line rate, the same', of('utilisation-multi-head'), percent, '%'),
    ],
  };
}

/** Table 1: a timed swap-out, and what follows from it. */
export function swapOutSection(context: FastswitchContext): SectionView {
  const { own, look, cell, cells } = context;
  const { printed, derived } = rowsOf(context);
  const table = (anchor: string, label: string, caption: string, rows: readonly RowView[], note: string): TableBlock => ({
    kind: 'table',
    anchor,
    label,
    caption,
    rowHeader: 'Swap-outs of LLaMA-8B on A10',
    columns: [{ id: 'unit', header: 'Unit', numeric: false }, ...COLUMNS],
    rows,
    note,
  });
  const within = (['traditional', 'reuse'] as const).every((run) => look(`swap-out/${run}/utilisation`) < look('input/link-out') / look('input/link-raw'));
  const beyond = (['traditional', 'reuse'] as const).every((run) => look(`swap-out/${run}/utilisation-multi-head`) > 2);
  const negative = look('swap-out/operation') < 0 && cells.compared(id('table-1/traditional/seconds')).status === 'deviation' && cells.compared(id('table-1/reuse/seconds')).status === 'reproduced';
  const near = Math.abs(look('run/llama-8b/random/dbg/group-out') / look('input/group-blocks') - 1) < 0.2;
  const more = [0.001, 0.04].every((f) => look(`reuse/${f}/reused`) > look('swap-out/reused'));
  const faster = look('swap-out/reuse/rate') > look('swap-out/traditional/rate') && look('swap-out/reuse/call-bytes') < look('swap-out/traditional/call-bytes');
  return {
    anchor: 'swap-out',
    heading: 'A timed swap-out',
    takeaway: `Reuse leaves out ${own('swap-out/reused', (share) => `${percent(share)} %`)} of the blocks; what is still copied runs at ${own('swap-out/reuse/rate', (rate) => `${gigabytesPerSecond(rate)} GB/s`)}, ${claim('which is within what the link carries', within)}.`,
    blocks: [
      table(
        'table-1',
        'Table 1',
        claim('Swap-outs with and without reuse of the copies on the host', within),
        printed,
        'Printed counts are inputs; times are predicted from them, with dispatch and rate of {{#rates}} and nothing fitted.',
      ),
      table(
        'table-1-derived',
        'Table F',
        claim('What Table 1 says of a call', beyond),
        derived,
        `Bytes as in {{#slices}}. Multi-head slices of the printed size would be copied at ${claim('more than twice what the line carries', beyond)}.`,
      ),
      { kind: 'formula', formula: 'preemption/serial-time', number: context.numbers.reference(id('table-1/reuse/seconds')) },
      {
        kind: 'list',
        items: [
          claim(
            'The run with reuse has the smaller groups and still the higher rate. Two unknowns, the time of an operation and that of a block, cannot explain both runs: what is left for an operation is less than nothing. So the second run is predicted and the first is not, and something beside calls and bytes must have slowed it.',
            negative && faster,
          ),
          `The text rounds the blocks that reuse leaves out up, and says of the mean group of the same model and GPU that it has ${own('input/group-blocks', whole)} blocks where this table has ${own('table-1/traditional/granularity', times)}. What differs between the runs is not said. ${claim('The simulation agrees with the text', near)}: ${own('run/llama-8b/random/dbg/group-out', times)} blocks.`,
          `${claim('The simulation reuses more than the table says', more)}, ${own('reuse/0.04/reused', (share) => `${percent(share)} %`)} of the blocks at the frequency of the evaluation and ${own('reuse/0.001/reused', (share) => `${percent(share)} %`)} at the rarest: there a copy stays valid until its conversation ends or others need its room.`,
        ],
      },
      {
        kind: 'table',
        anchor: 'table-1-text',
        label: 'Table G',
        caption: 'What the text says of it',
        rowHeader: 'Statement',
        columns: [
          { id: 'value', header: 'Our number' },
          { id: 'unit', header: 'Unit', numeric: false },
        ],
        rows: [
          { header: 'Fewer blocks with reuse', cells: { value: cell('text/fewer-blocks'), unit: { text: '%' } } },
          { header: 'Blocks of a mean group', cells: { value: cell('text/group-blocks'), unit: { text: '' } } },
        ],
      },
    ],
  };
}

const whole = (value: number): string => value.toFixed(0);
