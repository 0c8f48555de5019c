import { contextAxis, topTitle } from './axis.ts';
import { type Caption, type Cited, checkRows, contextSpan, distinct, printedValue } from './caption.ts';
import { contextLines, linePart } from './context-lines.ts';
import { COUNT_FORMAT, cited, citedFacts, columns, type Fact } from './facts.ts';
import { type Chart, type JsonObject, rowOf } from './spec.ts';

/** Attention instances that serve one feed-forward side at an average context. `series` tells lines apart, and is the id of a model where it shall have that model's colour; `name` is what is written at its end, a few words. */
export interface InstancesRow extends Cited {
  readonly series: string;
  readonly name: string;
  readonly context: number;
  readonly instances: number;
}

const HEIGHT = 300;
const HEAD = 1.08;
/** lines of more points have no dots */
const FEW = 12;
/** between the labels of the y axis and a mark that stands on it */
const DOT_ROOM = 12;
const CONTEXT_TITLE = (contextAxis('context', 1, 2).axis as JsonObject).title;

/**
 * Attention instances against average context, from zero: a line per series, named at its end; printed values hollow.
 * @throws RangeError `instancesByContext: ...` for no rows, a context that is not positive, instances that are not a number, or one context only
 */
export function instancesByContext(rows: readonly InstancesRow[], caption: Caption): Chart {
  checkRows('instancesByContext', rows, { positive: ['context'], finite: ['instances'] });
  const contexts = rows.map((row) => row.context);
  const span = contextSpan('instancesByContext', contexts);
  const lines = rows.map((row) => ({ ...row, model: row.series }));
  const data = lines.map((row) => rowOf({ ...row, ...cited(row), ...linePart(row, lines), printedValue: printedValue('instancesByContext', row.printed) }));
  const facts: readonly Fact[] = [
    { field: 'name', title: 'Series' },
    { field: 'context', title: 'Average context, tokens', format: COUNT_FORMAT },
    { field: 'instances', title: 'Attention instances', format: '.3~r' },
    ...citedFacts(rows),
  ];
  const domain = [0, HEAD * Math.max(1, ...data.flatMap((row) => [Number(row.instances), Number(row.printedValue)]))] as const;
  const y: JsonObject = {
    field: 'instances',
    type: 'quantitative',
    scale: { domain, nice: false, zero: true },
    axis: { title: 'Attention instances', tickCount: 6, tickMinStep: 1, labelPadding: DOT_ROOM, labelExpr: "format(datum.value, '~r')", ...topTitle },
  };
  const spec = contextLines({ rows: data, data: { data: { name: 'rows' } }, span, y, domain, log: false, height: HEIGHT, facts, dots: distinct(contexts).length <= FEW });
  return { ...caption, spec: overAverages(spec, span), data, columns: columns(facts) };
}

/** The same lines, over an axis that says of which context, with ticks at all powers of two. */
function overAverages(lines: JsonObject, [from, to]: readonly [number, number]): JsonObject {
  const values = Array.from({ length: 31 }, (_, power) => 2 ** power).filter((tokens) => tokens >= from && tokens <= to);
  return JSON.parse(JSON.stringify(lines), (key, value) => (key === 'axis' && value?.title === CONTEXT_TITLE ? { ...value, title: 'Average context, tokens (log scale)', values } : value));
}
