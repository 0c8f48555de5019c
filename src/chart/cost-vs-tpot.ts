import { usdAxis, usdLogAxis } from './axis.ts';
import { type Caption, checkRows, distinct } from './caption.ts';
import { logDomain } from './context-lines.ts';
import { directLabels } from './direct-labels.ts';
import { citedFacts, columns, type Fact, tooltip, usdFact } from './facts.ts';
import { haloText, ownColour } from './marks.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour, modelColours } from './theme.ts';

/** One deployment: its time per output token, what a token then costs. `series` tells fronts apart, and is the id of a model where it shall have that model's colour; `name` is what is written at its end, a few words. */
export interface CostTpotRow {
  readonly series: string;
  readonly name: string;
  readonly tpotSeconds: number;
  readonly usdPerMtok: number;
  /** for the tooltip: "3 attention + 2 FFN instances, 212 requests a replica" */
  readonly deployment: string;
  readonly number?: string | undefined;
}

export interface CostVsTpotOptions extends Caption {
  /** a vertical rule where the time per output token shall stay */
  readonly targetSeconds?: number | undefined;
}

const HEIGHT = 360;
const HEAD = 1.1;
const AIR = 0.04;
/** costs further apart stand on a log scale */
const DECADE = 10;

/**
 * Cost against time per output token: a Pareto front per series, named at its end. Fronts are steps, as a deployment is what can be had at its own time and
 * any longer one, and nothing lies between two. Deployments that cost no less than a faster one are faint points. Costs from zero, on a log scale where they span a decade.
 * @throws RangeError `costVsTpot: ...` for no rows or a value that is not positive
 */
export function costVsTpot(rows: readonly CostTpotRow[], { targetSeconds, ...caption }: CostVsTpotOptions): Chart {
  checkRows('costVsTpot', rows, { positive: ['tpotSeconds', 'usdPerMtok'] });
  if (targetSeconds !== undefined) checkRows('costVsTpot', [{ targetSeconds }], { positive: ['targetSeconds'] });
  const series = distinct(rows.map((row) => row.series));
  const colourOf = modelColours(series);
  const data = rows.map((row, index) => ({ ...row, number: row.number ?? '–', milliseconds: milliseconds(row.tpotSeconds), onFront: isOnFront(row, index, rows), colour: colourOf(row.series) }));
  const facts: readonly Fact[] = [
    { field: 'name', title: 'Series' },
    { field: 'milliseconds', title: 'Time per output token, ms', format: '.3~r' },
    usdFact,
    { field: 'deployment', title: 'Deployment' },
    ...citedFacts(rows),
  ];
  const times = [...data.map((row) => row.milliseconds), ...(targetSeconds === undefined ? [] : [milliseconds(targetSeconds)])];
  const costs = rows.map((row) => row.usdPerMtok);
  const [first, last] = padded(times);
  const log = Math.max(...costs) > DECADE * Math.min(...costs);
  const domain = log ? logDomain(costs) : ([0, HEAD * Math.max(...costs)] as const);
  const x: JsonObject = {
    field: 'milliseconds',
    type: 'quantitative',
    scale: { domain: [first, last], nice: false, zero: false },
    axis: { title: 'Time per output token, ms', tickCount: 8, labelExpr: "format(datum.value, '~r')", labelFlush: false },
  };
  const title = 'USD per million output tokens';
  const y: JsonObject = log ? usdLogAxis('usdPerMtok', title, ...domain) : { ...usdAxis('usdPerMtok', title), scale: { domain, nice: false, zero: true } };
  const treads = series.flatMap((each) => {
    const front = data.filter((row) => row.series === each && row.onFront).sort((a, b) => a.milliseconds - b.milliseconds);
    return front.map(({ name, milliseconds, usdPerMtok, colour }, at) => ({ series: each, name, milliseconds, until: front[at + 1]?.milliseconds ?? last, usdPerMtok, colour }));
  });
  return {
    ...caption,
    spec: {
      data: { name: 'rows' },
      height: HEIGHT,
      layer: [
        ...(targetSeconds === undefined ? [] : targetRule(milliseconds(targetSeconds), x, (first + last) / 2)),
        {
          data: { values: treads },
          mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1, opacity: 0.45, tooltip: null },
          encoding: { x, y, detail: { field: 'series', type: 'nominal' }, color: ownColour, order: { field: 'milliseconds', type: 'quantitative' } },
        },
        { data: { values: treads }, mark: { type: 'rule', strokeWidth: 2, tooltip: null }, encoding: { x, x2: { field: 'until' }, y, color: ownColour } },
        { mark: { type: 'point', size: 44, opacity: { expr: 'datum.onFront ? 1 : 0.4' } }, encoding: { x, y, color: ownColour, tooltip: tooltip(facts) } },
        directLabels({ rows: treads, x: 'milliseconds', y: 'usdPerMtok', series: 'series', label: 'name', colour: colourOf, height: HEIGHT, domain, log }),
      ],
    },
    data,
    columns: columns(facts),
  };
}

/** Whether no deployment of its series is as fast and cheaper, or as cheap and faster; the first of equal ones. */
const isOnFront = (row: CostTpotRow, index: number, rows: readonly CostTpotRow[]): boolean =>
  !rows.some(
    (other, at) =>
      other.series === row.series &&
      other.tpotSeconds <= row.tpotSeconds &&
      other.usdPerMtok <= row.usdPerMtok &&
      (other.tpotSeconds < row.tpotSeconds || other.usdPerMtok < row.usdPerMtok || at < index),
  );

/** Without the noise of a float. */
const milliseconds = (seconds: number): number => Number((1e3 * seconds).toFixed(6));

function padded(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = low === high ? low / 2 : AIR * (high - low);
  return [Math.max(0, low - air), high + air];
}

/** The rule with its text at the top, on the side that has more room. */
function targetRule(target: number, x: JsonObject, middle: number): readonly JsonObject[] {
  const data: JsonObject = { values: [{ milliseconds: target, text: `Target ${target} ms` }] };
  const side: JsonObject = target > middle ? { align: 'right', dx: -6 } : { align: 'left', dx: 6 };
  return [
    { data, mark: { type: 'rule', strokeDash: [4, 3], strokeWidth: 1.25, tooltip: null }, encoding: { x } },
    ...haloText({ ...side, baseline: 'top', dy: 2 }, { x, y: { value: 0 }, text: { field: 'text', type: 'nominal' }, color: { value: colour('muted') } }, data),
  ];
}
