import { decadeTicks, topTitle } from './axis.ts';
import { type Caption, checkRows, contextSpan, type ModelRow, printedValue } from './caption.ts';
import { contextLines, linePart, logDomain } from './context-lines.ts';
import { cited, citedFacts, columns, contextFact, modelFact } from './facts.ts';
import { type Chart, type JsonObject, rowOf } from './spec.ts';

interface ContextRow extends ModelRow {
  readonly context: number;
  readonly beyondTrained?: boolean | undefined;
}

/** KV cache and state bytes that one decoded token reads at one context length. `printed` in bytes (`2.88e8`). */
export interface KvCurveRow extends ContextRow {
  readonly kvBytesRead: number;
}

/** KV cache and state bytes that a request of one context length keeps. */
export interface CacheCurveRow extends ContextRow {
  readonly bytesPerRequest: number;
}

const HEIGHT = 360;
const BYTES = "replace(format(datum.value, '~s'), /(\\D?)$/, ' $1B')";

/**
 * KV bytes read per decoded token against context length, log-log: a line per model, named at its end.
 * @throws RangeError `kvCurves: ...` for no rows or a value that has no place on a log scale
 */
export const kvCurves = (rows: readonly KvCurveRow[], caption: Caption): Chart =>
  byteCurves('kvCurves', rows, caption, { field: 'kvBytesRead', axis: 'KV and state read per decoded token', fact: 'KV read per token, bytes' });

/**
 * Bytes that a request keeps against its context length, log-log: a line per model, named at its end.
 * @throws RangeError `cacheCurves: ...` for no rows or a value that has no place on a log scale
 */
export const cacheCurves = (rows: readonly CacheCurveRow[], caption: Caption): Chart =>
  byteCurves('cacheCurves', rows, caption, { field: 'bytesPerRequest', axis: 'KV cache and states of one request', fact: 'Kept per request, bytes' });

interface Quantity<R> {
  readonly field: keyof R & string;
  readonly axis: string;
  readonly fact: string;
}

function byteCurves<R extends ContextRow>(chart: string, rows: readonly R[], caption: Caption, { field, axis, fact }: Quantity<R>): Chart {
  checkRows(chart, rows, { positive: ['context', field] });
  const span = contextSpan(
    chart,
    rows.map((row) => row.context),
  );
  const data = rows.map((row) => rowOf({ ...row, beyondTrained: row.beyondTrained ?? false, ...cited(row), ...linePart(row, rows), printedValue: printedValue(chart, row.printed) }));
  const facts = [modelFact, contextFact, { field, title: fact, format: '.3s' }, ...citedFacts(rows)];
  const domain = logDomain(rows.map((row) => Number(row[field])));
  const y: JsonObject = {
    field,
    type: 'quantitative',
    scale: { type: 'log', domain, nice: false },
    axis: { title: `${axis} (log scale)`, values: decadeTicks(...domain), labelExpr: BYTES, ...topTitle },
  };
  return { ...caption, spec: contextLines({ rows: data, data: { data: { name: 'rows' } }, span, y, domain, log: true, height: HEIGHT, facts }), data, columns: columns(facts) };
}
