import { constantsTable } from '../../src/papers/epd/constants-table.ts';
import { latencyConstants } from '../../src/papers/epd/latency-cells.ts';
import { constantCount } from '../../src/papers/epd/memory-fit.ts';
import { engineConstants } from '../../src/papers/epd/simulated-cells.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, RowView, SectionView } from '../../src/report/view.ts';
import { type EpdContext, MODEL_NAMES, percent, sizeText, whole } from './context.ts';

const CONSTANTS: Readonly<Record<string, { readonly name: string; readonly unit: string; readonly scale: number; readonly digits: number }>> = {
  'patch-bytes': { name: 'patch', unit: 'kB', scale: 1e3, digits: 1 },
  'encode-prefill-patch-bytes': { name: 'patch, DistServe', unit: 'kB', scale: 1e3, digits: 1 },
  'token-bytes': { name: 'token', unit: 'kB', scale: 1e3, digits: 1 },
  'reserved-bytes': { name: 'reserve', unit: 'GB', scale: 1e9, digits: 2 },
};
const NAMES: Readonly<Record<string, string>> = {
  'table-4/2-8': 'Table 4, from its first and last row',
  'table-4/4-6': 'Table 4, from its middle rows',
  'table-1/vllm/8-64': 'Table 1, vLLM, from its first and last row',
  'table-1/distserve/8-64': 'Table 1, DistServe, the same',
  'table-1/epd/8-64': 'Table 1, EPD, the same',
  'table-1/epd/8-64-queued': 'Table 1, EPD, with a queue',
};
const EMPTY: CellView = { text: '' };

/** What is fitted and what is predicted: every constant, the cells behind it, and what is held out. */
export function fittedSection({ numbers, value, peek }: EpdContext): SectionView {
  const models = constantsTable();
  const cite = (id: string, text: string): CellView => {
    value(id);
    return { text, number: numbers.reference(id) };
  };
  const memoryRows = models.flatMap(({ model, constants }) =>
    constants.map(({ id, constant, predictions }): RowView => {
      const { name, unit, scale, digits } = CONSTANTS[constant] as (typeof CONSTANTS)[string];
      const of = (kind: string): readonly [CellView, CellView] => {
        const found = predictions.find(({ prediction }) => prediction === kind);
        return found === undefined ? [EMPTY, EMPTY] : [cite(found.id, (found.value / scale).toFixed(digits)), cite(found.ratioId, found.ratio.toFixed(2))];
      };
      const [fused, fusedRatio] = constant === 'token-bytes' ? of('token/prefill') : of('patch/fused');
      const [eager, eagerRatio] = of('patch/eager');
      return { header: `${MODEL_NAMES[model]}, ${name}`, cells: { unit: { text: unit }, fitted: cite(id, (peek(id) / scale).toFixed(digits)), fused, fusedRatio, eager, eagerRatio } };
    }),
  );
  const hitRows = models.map(
    ({ model, count, cells, hits, heldOut }): RowView => ({
      header: MODEL_NAMES[model],
      cells: {
        constants: { text: whole(count) },
        cells: { text: whole(cells) },
        hits: { text: whole(hits) },
        ...Object.fromEntries(heldOut.map(({ fittedTo, cells: others, hits: met }) => [fittedTo, { text: `${met} of ${others}` }])),
      },
    }),
  );
  const latencyRows = latencyConstants()
    .filter(({ fit }) => Object.hasOwn(NAMES, fit))
    .map(({ fit, constants, fitted, heldOut }): RowView => {
      const error = (kind: string): CellView => cite(`epd/error/${fit}/${kind}`, percent(value(`epd/error/${fit}/${kind}`)));
      return {
        header: NAMES[fit] as string,
        cells: {
          constants: { text: whole(Object.keys(constants).length) },
          fitted: { text: whole(fitted.length) },
          errorFitted: error('fitted'),
          heldOut: { text: whole(heldOut.length) },
          errorHeldOut: error('held-out'),
        },
      };
    });
  const engine = engineConstants();
  const largest = (errors: typeof engine.fitted): CellView => ({ text: percent(Math.max(...errors.map(({ error }) => Math.abs(error)))) });
  const engineRow: RowView = {
    header: 'Runs, from three cells of Tables 5 and 6',
    cells: {
      constants: { text: whole(Object.keys(engine.constants).length) },
      fitted: { text: whole(engine.fitted.length) },
      errorFitted: largest(engine.fitted),
      heldOut: { text: whole(engine.heldOut.length) },
      errorHeldOut: largest(engine.heldOut),
    },
  };
  const total = (of: (row: (typeof models)[number]) => number): number => models.reduce((sum, row) => sum + of(row), 0);
  const out = (of: 'cells' | 'hits'): number => total(({ heldOut }) => heldOut.reduce((sum, row) => sum + row[of], 0));
  const most = total(({ hits }) => hits) / total(({ cells }) => cells) > 0.9 && constantCount === 10;
  const held = out('hits') / out('cells') > 2 / 3 && out('hits') / out('cells') < 3 / 4;
  const ratio = (path: string): number => peek(`epd/prediction/${path}/ratio`);
  const tokensNear = models.every(({ model }) => Math.abs(ratio(`${model}/token/prefill`) - 1) < 0.2);
  const eagerMini = Math.abs(ratio('minicpm-v-2.6/patch/eager') - 1) < 0.05 && ratio('minicpm-v-2.6/patch/fused') < 0.25;
  const fusedIntern = (['internvl2-8b', 'internvl2-26b'] as const).every((model) => Math.abs(ratio(`${model}/patch/fused`) - 1) < 0.25 && ratio(`${model}/patch/eager`) > 3);
  return {
    anchor: 'fitted',
    heading: 'What is fitted, and what is predicted',
    takeaway: claim('Ten constants give more than nine in ten cells of memory, and fitted to one size of image more than two thirds of the cells of the other sizes.', most && held),
    blocks: [
      {
        kind: 'table',
        anchor: 'fitted-memory',
        label: 'Table B',
        caption: claim('Constants of memory: fitted to Tables 2, 3 and 8, and from the architecture alone', tokensNear),
        rowHeader: 'Model, constant',
        columns: [
          { id: 'unit', header: 'Unit', numeric: false },
          { id: 'fitted', header: 'Fitted' },
          { id: 'fused', header: 'Value', group: 'Architecture, fused attention' },
          { id: 'fusedRatio', header: 'Over fitted', group: 'Architecture, fused attention' },
          { id: 'eager', header: 'Value', group: 'Scores kept whole' },
          { id: 'eagerRatio', header: 'Over fitted', group: 'Scores kept whole' },
        ],
        rows: memoryRows,
        note: 'A patch: activations of the encoder; a token: activations of a prefill pass; reserve: what is neither. Scores kept whole: the attention of a layer of the encoder holds its scores in memory.',
      },
      {
        kind: 'paragraph',
        text: claim(
          'The architecture alone gives what a token takes within a fifth, and what a patch takes within a quarter, as if MiniCPM-V 2.6 kept its attention scores whole and InternVL2 did not.',
          tokensNear && eagerMini && fusedIntern,
        ),
      },
      {
        kind: 'table',
        anchor: 'fitted-cells',
        label: 'Table C',
        caption: claim('Cells of memory that come out, fitted to all and to one size of image', held),
        rowHeader: 'Model',
        columns: [
          { id: 'constants', header: 'Constants' },
          { id: 'cells', header: 'Cells', group: 'Fitted to all' },
          { id: 'hits', header: 'Come out', group: 'Fitted to all' },
          ...(models[0]?.heldOut ?? []).map(({ fittedTo }) => ({ id: fittedTo, header: sizeText(fittedTo), group: 'Held out, fitted to images of', numeric: false })),
        ],
        rows: hitRows,
        note: 'Comes out: the printed number of images or requests, or OOM and OOCL; shares of KV within a point and a half. Held out: of the cells of the other two sizes.',
      },
      {
        kind: 'table',
        anchor: 'fitted-times',
        label: 'Table D',
        caption: 'Constants of time, and the largest errors of the cells that they were fitted to and not',
        rowHeader: 'Fit',
        columns: [
          { id: 'constants', header: 'Constants' },
          { id: 'fitted', header: 'Cells', group: 'Fitted' },
          { id: 'errorFitted', header: 'Error', unit: '%', group: 'Fitted' },
          { id: 'heldOut', header: 'Cells', group: 'Held out' },
          { id: 'errorHeldOut', header: 'Error', unit: '%', group: 'Held out' },
        ],
        rows: [...latencyRows, engineRow],
        note: 'Runs of Tables 5 and 6 take three more constants from all of Table 4. The queue was chosen after a line had missed the held-out cells of EPD; its constants were not.',
      },
    ],
  };
}
