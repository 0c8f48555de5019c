import { claim } from '../../src/report/definition.ts';
import type { CellView, RowView, SectionView } from '../../src/report/view.ts';
import type { EpdContext } from './context.ts';

/** Headline claims of abstract and text: what is compared, the cell, its unit. */
const HEADLINES = [
  ['Larger batches: InternVL2-26B, encode worker', 'abstract/batch', 'times'],
  ['More images in a request: InternVL2-26B', 'abstract/images', 'times'],
  ['Larger KV caches: InternVL2-26B, ten photos', 'abstract/kv-share', 'times'],
  ['Less peak memory of encode workers', 'abstract/encode-peak-memory', 'times'],
  ['Peak memory saved, the same in the text', 'text/encode-peak-saving', '%'],
  ['Larger batches: MiniCPM-V 2.6, prefill worker (text)', 'text/prefill-batch', 'times'],
  ['Shorter time to the first token, up to', 'abstract/ttft-reduction', '%'],
  ['The same of MiniCPM-V 2.6 (text)', 'text/ttft-reduction/minicpm-v-2.6', '%'],
  ['The same, both systems simulated', 'text/ttft-reduction/minicpm-v-2.6:simulated', '%'],
  ['The same of InternVL2-8B (text)', 'text/ttft-reduction/internvl2-8b', '%'],
  ['The same of InternVL2-26B (text)', 'text/ttft-reduction/internvl2-26b', '%'],
  ['Speed-up of sharing images (text)', 'text/irp-speedup', 'times'],
] as const;
const WEIGHTS = [
  ['encode', 'minicpm-v-2.6', 'MiniCPM-V 2.6'],
  ['encode', 'internvl2-8b', 'InternVL2-8B'],
  ['encode', 'internvl2-26b', 'InternVL2-26B'],
  ['prefill', 'minicpm-v-2.6', 'MiniCPM-V 2.6'],
  ['prefill', 'internvl2-8b', 'InternVL2-8B'],
  ['prefill', 'internvl2-26b', 'InternVL2-26B'],
] as const;
/** What a reader should know of a status. */
const FITTED = ['abstract/batch', 'abstract/images', 'abstract/kv-share', 'abstract/encode-peak-memory', 'text/encode-peak-saving', 'text/prefill-batch'];

const id = (path: string): string => `epd/${path}`;
const weightsOf = (stage: string, model: string): string => `text/weights/${stage}/${model}`;

/** Cells of the claims. */
export const claimCells: readonly string[] = [...HEADLINES.map(([, path]) => id(path)), ...WEIGHTS.map(([stage, model]) => id(weightsOf(stage, model)))];

/** The headline claims of EPD, each beside what our model gives. */
export function epdClaims({ cells }: Pick<EpdContext, 'cells'>): SectionView {
  const statusOf = (path: string): string => {
    const { status, cell } = cells.compared(id(path));
    if (status === 'open') return 'open';
    if (cell.aim !== undefined) return 'predicted';
    return status === 'reproduced' ? (FITTED.includes(path) ? 'reproduced, fitted' : 'reproduced') : 'deviates';
  };
  const row = (header: string, path: string, unit: string): RowView => {
    const found: CellView = cells.cell(id(path));
    return { header, cells: { status: { text: statusOf(path) }, value: found, unit: { text: unit } } };
  };
  const all = HEADLINES.map(([, path]) => path);
  const kept = (path: (typeof all)[number]): boolean => ['reproduced', 'reproduced, fitted', 'predicted'].includes(statusOf(path)) && cells.compared(id(path)).status === 'reproduced';
  const holds = kept('abstract/kv-share') && kept('abstract/ttft-reduction') && !kept('abstract/batch') && !kept('abstract/images') && !kept('abstract/encode-peak-memory');
  return {
    anchor: 'epd',
    heading: claim('EPD: two of five claims come out', holds),
    takeaway: claim(
      'Larger KV caches come out of a fitted model of memory, and the shorter time to the first token is predicted from half of a table; batches and images of InternVL2-26B rest on cells that contradict each other, and the profile of peak memory is not described.',
      holds,
    ),
    blocks: [
      {
        kind: 'table',
        anchor: 'epd-claims',
        label: 'EPD',
        caption: claim('Headline claims of EPD', holds),
        rowHeader: 'Claim',
        columns: [
          { id: 'status', header: 'Status', numeric: false },
          { id: 'value', header: 'Our number' },
          { id: 'unit', header: 'Unit', numeric: false },
        ],
        rows: [
          ...HEADLINES.map(([header, path, unit]) => row(header, path, unit)),
          ...WEIGHTS.map(([stage, model, name]) => row(`Weights that the ${stage} worker saves: ${name} (text)`, weightsOf(stage, model), '%')),
        ],
        note: 'Fitted: constants of memory were fitted to the tables that the claim is about. Predicted: the constants were fitted to other cells. Weights are counted from the dimensions of the layers.',
      },
    ],
  };
}
