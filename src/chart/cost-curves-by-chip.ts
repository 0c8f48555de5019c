import { usdLogAxis } from './axis.ts';
import { type Caption, checkRows, contextSpan, distinct } from './caption.ts';
import { contextLines, logDomain } from './context-lines.ts';
import { type CostCurveRow, costCurveData, costCurveFacts } from './cost-curves.ts';
import { columns } from './facts.ts';
import { headMarkKey } from './marks.ts';
import { labelRoom, panels, panelTitle } from './panels.ts';
import type { Chart } from './spec.ts';

export interface ChipCostRow extends CostCurveRow {
  readonly chip: string;
  readonly chipName: string;
}

const HEIGHT = 230;
const AXIS_ROOM = 42;

/**
 * `costCurves` as small multiples: one panel per chip in the order of first appearance, shared axes, two columns on a wide page.
 * @throws RangeError `costCurvesByChip: ...` for no rows or a value that has no place on a log scale
 */
export function costCurvesByChip(rows: readonly ChipCostRow[], caption: Caption): Chart {
  checkRows('costCurvesByChip', rows, { positive: ['context', 'usdPerMtok'] });
  const span = contextSpan(
    'costCurvesByChip',
    rows.map((row) => row.context),
  );
  const chips = distinct(rows.map((row) => row.chip));
  const byChip = chips.map((chip) =>
    costCurveData(
      'costCurvesByChip',
      rows.filter((row) => row.chip === chip),
    ),
  );
  const domain = logDomain(rows.map((row) => row.usdPerMtok));
  const facts = [{ field: 'chipName', title: 'Accelerator' }, ...costCurveFacts(rows)];
  const y = usdLogAxis('usdPerMtok', 'USD per million tokens', ...domain);
  const children = byChip.map((own, index) => ({
    title: panelTitle(String(own[0]?.chipName)),
    ...contextLines({
      rows: own,
      data: { data: { name: 'rows' }, transform: [{ filter: { field: 'chip', equal: chips[index] ?? '' } }] },
      span,
      y,
      domain,
      log: true,
      height: HEIGHT,
      facts,
      panel: true,
    }),
  }));
  const data = byChip.flat();
  return { ...caption, spec: panels({ children, left: AXIS_ROOM, right: labelRoom(rows.map((row) => row.name)), head: headMarkKey(data) }), data, columns: columns(facts) };
}
