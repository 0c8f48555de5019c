import { decadeTicks, topTitle } from './axis.ts';
import { type Caption, checkRows, contextSpan, type ModelRow, printedValue } from './caption.ts';
import { contextLines, linePart, logDomain } from './context-lines.ts';
import { cited, citedFacts, columns, contextFact, modelFact } from './facts.ts';
import type { Chart, JsonObject } from './spec.ts';

/** KV cache and state bytes that one decoded token reads at one context length. `printed` in bytes (`2.88e8`). */
export interface KvCurveRow extends ModelRow {
  readonly context: number;
  readonly kvBytesRead: number;
  readonly beyondTrained?: boolean | undefined;
}

const HEIGHT = 360;
const BYTES = "replace(format(datum.value, '~s'), /(\\D?)$/, ' $1B')";

/**
 * KV bytes read per decoded token against context length, log-log: a line per model, named at its end.
 * @throws RangeError `kvCurves: ...` for no rows or a value that has no place on a log scale
 */
export function kvCurves(rows: readonly KvCurveRow[], caption: Caption): Chart {
  checkRows('kvCurves', rows, { positive: ['context', 'kvBytesRead'] });
  const span = contextSpan(
    'kvCurves',
    rows.map((row) => row.context),
  );
  const data = rows.map((row) => ({ ...row, beyondTrained: row.beyondTrained ?? false, ...cited(row), ...linePart(row, rows), printedValue: printedValue('kvCurves', row.printed) }));
  const facts = [modelFact, contextFact, { field: 'kvBytesRead', title: 'KV read per token, bytes', format: '.3s' }, ...citedFacts(rows)];
  const domain = logDomain(rows.map((row) => row.kvBytesRead));
  const y: JsonObject = {
    field: 'kvBytesRead',
    type: 'quantitative',
    scale: { type: 'log', domain, nice: false },
    axis: { title: 'KV and state read per decoded token (log scale)', values: decadeTicks(...domain), labelExpr: BYTES, ...topTitle },
  };
  return { ...caption, spec: contextLines({ rows: data, data: { data: { name: 'rows' } }, span, y, domain, log: true, height: HEIGHT, facts }), data, columns: columns(facts) };
}
