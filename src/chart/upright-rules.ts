import { type Fact, tooltip } from './facts.ts';
import { haloText, ownColour } from './marks.ts';
import { textSize } from './place-labels.ts';
import { GOAL, SERIES_HEIGHT } from './series-lines.ts';
import type { JsonObject, Row } from './spec.ts';
import { colour } from './theme.ts';

/** A value of x that is marked in a panel of lines; other fields are for the tooltip. `share` is its place along the axis, from 0 to 1. */
export interface Upright {
  readonly x: number;
  readonly share: number;
  readonly text: string;
  readonly colour: string;
  /** what `facts` name */
  readonly row?: Row;
}

/** Where a rule begins, with a dot there that says what it is. */
export interface UprightDots {
  readonly y: JsonObject;
  readonly facts: readonly Fact[];
}

const FOOT = 10;
const LINE = 15;
const BESIDE = 5;
/** of the axis, from which a text stands on the left of its rule */
const LATE = 0.55;
/** widths of a panel in which texts of one height must be apart */
const WIDTHS = [150, 300];

/**
 * Dashed rules from the top of a panel, or from dots on its lines (`y` of a mark is in the field `y` of its row), down to the axis, the text of each beside its foot,
 * as far down as no other is in the way.
 */
export function uprightRules(marks: readonly Upright[], x: JsonObject, dots?: UprightDots): readonly JsonObject[] {
  if (marks.length === 0) return [];
  const levels: number[] = [];
  for (const [at, mark] of marks.entries()) {
    let level = 0;
    while (marks.some((other, before) => before < at && levels[before] === level && touches(mark, other))) level += 1;
    levels.push(level);
  }
  const values = marks.map(({ row, ...mark }, at) => ({ ...row, ...mark, late: mark.share > LATE, pixel: SERIES_HEIGHT - FOOT - LINE * (levels[at] ?? 0) }));
  const text = (late: boolean): readonly JsonObject[] => {
    const own = values.filter((value) => value.late === late);
    return own.length === 0
      ? []
      : haloText(
          { align: late ? 'right' : 'left', baseline: 'middle', dx: late ? -BESIDE : BESIDE },
          { x, y: { field: 'pixel', type: 'quantitative', scale: null, axis: null }, text: { field: 'text', type: 'nominal' }, color: ownColour },
          { values: own },
        );
  };
  const top: JsonObject = dots === undefined ? { value: 0 } : { ...dots.y, field: 'y', type: 'quantitative' };
  return [
    { data: { values }, mark: { ...GOAL, tooltip: null }, encoding: { x, y: top, y2: { value: SERIES_HEIGHT }, stroke: ownColour } },
    ...(dots === undefined
      ? []
      : [{ data: { values }, mark: { type: 'point', size: 48, stroke: colour('page'), strokeWidth: 1 }, encoding: { x, y: top, fill: ownColour, tooltip: tooltip(dots.facts) } }]),
    ...text(false),
    ...text(true),
  ];
}

const touches = (a: Upright, b: Upright): boolean =>
  WIDTHS.some((width) => {
    const [one, other] = [boxOf(a, width), boxOf(b, width)];
    return one[0] < other[1] && other[0] < one[1];
  });

function boxOf({ share, text }: Upright, panel: number): readonly [number, number] {
  const [from, width] = [share * panel, textSize(text).width + 2 * BESIDE];
  return share > LATE ? [from - width, from] : [from, from + width];
}
