import { topTitle, usdAxis } from './axis.ts';
import { type Caption, checkRows, contextSpan, type ModelRow, printedValue } from './caption.ts';
import { contextLines, linePart } from './context-lines.ts';
import { cited, citedFacts, columns, contextFact, modelFact } from './facts.ts';
import { headMarkKey } from './marks.ts';
import { labelRoom, panels, panelTitle } from './panels.ts';
import type { Chart, JsonObject } from './spec.ts';

/** One point of Figure 3: `kv` in bytes read per token (`printed` in GB), `cost` in USD per million tokens. */
export interface HybridRow extends ModelRow {
  readonly quantity: 'kv' | 'cost';
  readonly context: number;
  readonly value: number;
}

export interface HybridLinesOptions extends Caption {
  /** where the cost is paid: `H800` */
  readonly accelerator: string;
}

const HEIGHT = 250;
const AXIS_ROOM = 42;
const PANELS = {
  kv: { unit: 'GB', y: { field: 'shown', type: 'quantitative', axis: { title: 'GB per decoded token', tickCount: 5, ...topTitle } }, scale: 1e9 },
  cost: { unit: 'USD per million tokens', y: usdAxis('shown', 'USD per million tokens'), scale: 1 },
} as const;

/**
 * Figure 3: KV read and cost against context length, two panels from zero. Quantities without rows have no panel.
 * @throws RangeError `hybridLines: ...` for no rows or a value that is not a number
 */
export function hybridLines(rows: readonly HybridRow[], { accelerator, ...caption }: HybridLinesOptions): Chart {
  checkRows('hybridLines', rows, { positive: ['context'], finite: ['value'] });
  const span = contextSpan(
    'hybridLines',
    rows.map((row) => row.context),
  );
  const shown = (['kv', 'cost'] as const).filter((quantity) => rows.some((row) => row.quantity === quantity));
  const facts = [modelFact, contextFact, { field: 'unit', title: 'Unit' }, { field: 'shown', title: 'Value', format: '.3~r' }, ...citedFacts(rows)];
  const byQuantity = shown.map((quantity) => {
    const own = rows.filter((row) => row.quantity === quantity);
    return own.map((row) => ({
      ...row,
      ...cited(row),
      ...linePart(row, own),
      unit: PANELS[quantity].unit,
      shown: row.value / PANELS[quantity].scale,
      printedValue: printedValue('hybridLines', row.printed),
    }));
  });
  const children = byQuantity.map((own, index): JsonObject => {
    const quantity = shown[index] as HybridRow['quantity'];
    const { y } = PANELS[quantity];
    const domain: readonly [number, number] = [0, 1.06 * Math.max(...own.flatMap((row) => [row.shown, row.printedValue ?? 0]))];
    const scaled: JsonObject = { ...y, scale: { domain, nice: false, zero: true } };
    return {
      title: panelTitle(quantity === 'cost' ? `Cost on ${accelerator}` : 'KV and state read'),
      ...contextLines({
        rows: own,
        data: { data: { name: 'rows' }, transform: [{ filter: { field: 'quantity', equal: quantity } }] },
        span,
        y: scaled,
        domain,
        log: false,
        height: HEIGHT,
        facts,
        panel: true,
        dots: true,
      }),
    };
  });
  const data = byQuantity.flat();
  return { ...caption, spec: panels({ children, left: AXIS_ROOM, right: labelRoom(rows.map((row) => row.name)), head: headMarkKey(data) }), data, columns: columns(facts) };
}
