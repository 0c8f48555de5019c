import { AUDIO_SYSTEMS, audioRows } from '../../src/papers/epd/data/audio.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, RowView, SectionView } from '../../src/report/view.ts';
import { type EpdContext, id, SYSTEMS } from './context.ts';

/** Audio: Table 7. */
export function audioSection({ cells, slot, peek }: EpdContext): SectionView {
  const open = cells.count('open', 'table-7');
  const goodput = ['vllm', 'distserve'].every((system) => Math.abs(peek(id(`table-7/${system}/goodput`)) - Number(cells.compared(id(`table-7/${system}/goodput`)).cell.printed)) < 0.015);
  const share = 'audio/free-worker-share/0.25';
  const bound = peek(id(share)) > Number(cells.compared(id('table-7/distserve/0.25')).cell.printed);
  const because = cells.compared(id('table-7/vllm/0.10')).because;
  const printed = (path: string): CellView => ({ text: '', printed: cells.compared(id(path)).cell.printed });
  return {
    anchor: 'audio',
    heading: 'Audio: not explained',
    takeaway: claim('The printed goodputs follow from the printed attainments, but no times of ours give those: they share no form with each other.', open > 15 && goodput && because !== null),
    blocks: [
      {
        kind: 'table',
        anchor: 'table-7',
        label: 'Table 7',
        caption: claim('Share of audio requests within the objectives, and the goodput that follows from what is printed', goodput),
        rowHeader: 'Requests per second',
        columns: AUDIO_SYSTEMS.map((system) => ({ id: system, header: SYSTEMS[system] })),
        rows: [
          ...audioRows.map(({ rate }): RowView => ({ header: rate, cells: Object.fromEntries(AUDIO_SYSTEMS.map((system) => [system, printed(`table-7/${system}/${rate}`)])) })),
          { header: 'Goodput', cells: Object.fromEntries(AUDIO_SYSTEMS.map((system) => [system, cells.cell(id(`table-7/${system}/goodput`))])) },
        ],
        note: 'None of the attainments is computed. Ultravox, two dozen audio files a request, four GPUs.',
      },
      {
        kind: 'paragraph',
        text: `${claim('What stands against any form', bound)}: at a quarter of a request per second, ${slot(id(share), (value) => `${(100 * value).toFixed(0)} %`)} of the requests find a worker of DistServe free even if each takes all of its objective; fewer are printed as within it.`,
      },
    ],
  };
}
