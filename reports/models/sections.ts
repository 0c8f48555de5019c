import { rankedBars } from '../../src/chart/index.ts';
import { publishedFigures } from '../../src/papers/index.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, ColumnView, RowView, SectionView } from '../../src/report/view.ts';
import { si, significant } from '../../src/units/format.ts';
import { AT, beyond, CACHE, CHIPS, CONTEXT, COST, isTrained, MODELS, type ModelsContext } from './context.ts';

const CONVENTIONS: Readonly<Record<string, string>> = { all: 'all', 'without-input-embedding': 'no input embedding', 'without-embeddings': 'no embeddings' };

/** Parameters of every model, ours beside what its publisher prints. */
export function parametersSection({ cells, slot }: ModelsContext): SectionView {
  const rows = MODELS.map(({ id, name }): RowView => {
    const figures = publishedFigures.find(({ model }) => model === id);
    return {
      header: name,
      model: id,
      cells: {
        total: cells.cell(`model-cards/total/${id}`),
        active: figures?.active === undefined ? { text: '' } : cells.cell(`model-cards/active/${id}`),
        convention: { text: CONVENTIONS[figures?.convention ?? ''] ?? '' },
        where: { text: figures?.where ?? '' },
      },
    };
  });
  return {
    anchor: 'parameters',
    label: 'Table A',
    heading: 'Parameters, ours and published',
    takeaway: `${slot('scoreboard/model-cards/reproduced', whole)} of ${slot('scoreboard/model-cards/cells', whole)} published counts come out of the configs at their printed digits; the others are named with their cause.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'parameters',
        label: 'Table A',
        caption: claim('Every published count comes out or differs by a part that can be named', cells.count('open') === 0),
        rowHeader: 'Model',
        columns: [
          { id: 'total', header: 'Total', unit: '1e9' },
          { id: 'active', header: 'Active', unit: '1e9' },
          { id: 'convention', header: 'Active counts', numeric: false },
          { id: 'where', header: 'Published in', numeric: false },
        ],
        rows,
        note: 'Active parameters are those that one decoded token touches. Publishers count them in three ways; the column says which one gives their figure. Norms and biases are left out, prediction heads are beside the totals.',
      },
    ],
  };
}

const bytesText = (bytes: number): string => si(bytes, 'B');
const whole = (value: number): string => value.toFixed(0);
const mega = (value: number): string => significant(value / 1e6, 3);

/** What a request of every model keeps, and what a token reads. */
export function cacheSection({ numbers, value, slot }: ModelsContext): SectionView {
  const cell = (id: string): CellView => ({ text: mega(value(`${id}@${CACHE}`)), number: numbers.reference(`${id}@${CACHE}`) });
  const request = (model: string): string => `cache/${model}/${CONTEXT}/request`;
  const byNeed = MODELS.map((model) => ({ model, bytes: value(`${request(model.id)}@${CACHE}`) })).sort((a, b) => a.bytes - b.bytes);
  const compressed = byNeed[0]?.model.layers.every(({ attention }) => attention.kind === 'compressed') ?? false;
  const multiHead = byNeed.at(-1)?.model.layers.every(({ attention }) => attention.kind === 'gqa' && attention.kvHeads === attention.queryHeads) ?? false;
  return {
    anchor: 'cache',
    label: 'Table B',
    heading: 'What a request keeps, and what a token reads',
    takeaway: `At ${AT} tokens in 16 bit, a request of Llama 3.1 70B keeps ${slot(`${request('llama-3.1-70b')}@${CACHE}`, bytesText)}, of DeepSeek-V3 ${slot(`${request('deepseek-v3')}@${CACHE}`, bytesText)} and of DeepSeek-V4-Flash ${slot(`${request('deepseek-v4-flash')}@${CACHE}`, bytesText)}.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'cache',
        label: 'Table B',
        caption: claim('Compressed entries keep the least, a key and a value for each head the most', compressed && multiHead),
        rowHeader: 'Model',
        columns: [
          { id: 'request', header: 'Needed', unit: 'MB', group: 'Per request', emphasise: 'smallest' },
          { id: 'paged', header: 'Paged', unit: 'MB', group: 'Per request' },
          { id: 'moved', header: 'Moved', unit: 'MB', group: 'Per decoded token' },
          { id: 'kinds', header: 'Attention, layers', numeric: false },
        ],
        rows: MODELS.map((model): RowView => {
          const kinds = new Map<string, number>();
          for (const { count, attention } of model.layers) if (attention.kind !== 'none') kinds.set(attention.kind, (kinds.get(attention.kind) ?? 0) + count);
          return {
            header: model.name,
            model: model.id,
            cells: {
              kinds: { text: [...kinds].map(([kind, layers]) => `${kind} ${layers}`).join(', '), ...beyond(model) },
              request: cell(request(model.id)),
              paged: cell(`cache/${model.id}/${CONTEXT}/paged`),
              moved: cell(`decode/${model.id}/${CONTEXT}/kv-bytes`),
            },
          };
        }),
        note: 'Needed: windows and chunks as rings of their size, states included. Paged: every token of every layer, as in a cache that evicts nothing. Moved: keys and values read, states read and written. Cache in BF16, states in FP32, index keys in FP8.',
      },
    ],
  };
}

/** What a token of every model costs on each chip. */
export function costSection({ numbers, value, slot }: ModelsContext): SectionView {
  const total = (model: string, chip: string): string => `cost/${model}/${chip}/${CONTEXT}/total@${COST}`;
  const usd = (price: number): string => significant(price, 3);
  const trained = MODELS.filter(isTrained);
  const bars = trained.map(({ id, name }) => ({ model: id, name, usdPerMtok: value(total(id, 'h20')), number: numbers.reference(total(id, 'h20')) }));
  const ranked = [...bars].sort((a, b) => a.usdPerMtok - b.usdPerMtok);
  const [first, last] = [ranked[0], ranked.at(-1)] as [(typeof bars)[number], (typeof bars)[number]];
  const columns: readonly ColumnView[] = CHIPS.map((chip) => ({ id: chip, header: chip === 'ascend-910b' ? '910B' : chip.toUpperCase(), unit: 'USD' }));
  const cheaperInFamily = value(total('deepseek-v3.2', 'h20')) < value(total('deepseek-v3', 'h20'));
  return {
    anchor: 'cost',
    label: 'Table C',
    heading: 'What a decoded token costs',
    takeaway: `On H20 at ${AT}, a million tokens of ${first.name} cost ${slot(total(first.model, 'h20'), usd)}, of ${last.name} ${slot(total(last.model, 'h20'), usd)}.`,
    blocks: [
      {
        kind: 'figure',
        anchor: 'cost-ranking',
        label: 'Figure B',
        chart: rankedBars(bars, {
          id: 'cost-ranking',
          title: claim('Sparse attention makes DeepSeek-V3.2 cheaper than DeepSeek-V3 on the same chip', cheaperInFamily),
          description: `Bars of the decoding cost of the catalogue's models on H20 at a context of ${AT} tokens in 8-bit formats, from the cheapest to the dearest.`,
        }),
        note: 'Models that are trained for the context. All in FP8, with states in FP32; an ideal batch, so that weights cost nothing to read.',
        source: 'Computed with the formulas of {{#cost}}.',
      },
      {
        kind: 'table',
        anchor: 'cost',
        label: 'Table C',
        caption: 'The same for every chip that has a price',
        rowHeader: 'Model',
        columns,
        rows: MODELS.map(
          (model): RowView => ({
            header: model.name,
            model: model.id,
            cells: Object.fromEntries(
              CHIPS.map((chip) => [chip, { text: usd(value(total(model.id, chip))), number: numbers.reference(total(model.id, chip)), ...(chip === CHIPS[0] ? beyond(model) : {}) }]),
            ),
          }),
        ),
        note: 'USD per million decoded tokens, attention, feed-forward and head together. A800 and 910B compute in 16 bit.',
      },
      { kind: 'formula', formula: 'cost/total-usd-per-mtok', number: numbers.reference(total('deepseek-v3.2', 'h20')) },
    ],
  };
}
