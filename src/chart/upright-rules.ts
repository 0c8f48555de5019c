import { distinct } from './caption.ts';
import { type Fact, tooltip } from './facts.ts';
import { haloText, ownColour } from './marks.ts';
import { textSize } from './place-labels.ts';
import { GOAL, SERIES_HEIGHT } from './series-lines.ts';
import type { JsonObject, Row } from './spec.ts';
import { colour } from './theme.ts';

/** A value of x that is marked in a panel of lines; `share` is its place along the axis, from 0 to 1, `row` holds what the tooltip shows. */
export interface Upright {
  readonly x: number;
  readonly share: number;
  readonly text: string;
  readonly colour: string;
  readonly row?: Row;
}

export interface UprightRules {
  readonly x: JsonObject;
  /** px of the plot where it is narrowest: what decides on which side of its rule a text stands */
  readonly narrowest: number;
  /** where rules begin, with a dot there: the channel of y, whose values rows have in the field `y`, and what dots say; at the top of the plot without it */
  readonly dots?: { readonly y: JsonObject; readonly facts: readonly Fact[] };
}

const FOOT = 10;
const LINE = 15;
const HALF_LINE = 8;
const BESIDE = 5;

/** Dashed rules down a panel, the text of each beside its foot; rules that a text is in the way of end above it. */
export function uprightRules(marks: readonly Upright[], { x, narrowest, dots }: UprightRules): readonly JsonObject[] {
  if (marks.length === 0) return [];
  const flags = marks.map((mark) => flagOf(mark, narrowest));
  const levels = levelsOf(flags);
  const values = marks.map(({ row, ...mark }, at) => {
    const level = levels[at] ?? 0;
    const pixel = SERIES_HEIGHT - FOOT - LINE * level;
    return { ...row, ...mark, late: flags[at]?.late ?? false, pixel, foot: level === 0 ? SERIES_HEIGHT : pixel + HALF_LINE };
  });
  const inPixels = (field: string): JsonObject => ({ field, type: 'quantitative', scale: null, axis: null });
  const text = (late: boolean): readonly JsonObject[] => {
    const own = values.filter((value) => value.late === late);
    const mark: JsonObject = { align: late ? 'right' : 'left', baseline: 'middle', dx: late ? -BESIDE : BESIDE };
    return own.length === 0 ? [] : haloText(mark, { x, y: inPixels('pixel'), text: { field: 'text', type: 'nominal' }, color: ownColour }, { values: own });
  };
  const top: JsonObject = dots === undefined ? { value: 0 } : { ...dots.y, field: 'y', type: 'quantitative' };
  return [
    ...distinct(values.map(({ foot }) => foot)).map(
      (foot): JsonObject => ({
        data: { values: values.filter((value) => value.foot === foot) },
        mark: { ...GOAL, tooltip: null },
        encoding: { x, y: top, y2: { value: foot }, stroke: ownColour },
      }),
    ),
    ...(dots === undefined
      ? []
      : [{ data: { values }, mark: { type: 'point', size: 48, stroke: colour('page'), strokeWidth: 1 }, encoding: { x, y: top, fill: ownColour, tooltip: tooltip(dots.facts) } }]),
    ...text(false),
    ...text(true),
  ];
}

/** A rule and its text along the axis, px; `late` ones have it on the left. */
interface Flag {
  readonly rule: number;
  readonly from: number;
  readonly to: number;
  readonly late: boolean;
}

function flagOf({ share, text }: Upright, narrowest: number): Flag {
  const [rule, width] = [share * narrowest, textSize(text).width + 2 * BESIDE];
  const late = rule + width > narrowest && rule > narrowest / 2;
  return late ? { rule, from: rule - width, to: rule, late } : { rule, from: rule, to: rule + width, late };
}

/** Lines of text from the axis up, so that no two texts of a line touch and a text that reaches over another rule stands below the end of that rule. */
function levelsOf(flags: readonly Flag[]): readonly number[] {
  const levels = flags.map(() => 0);
  const level = (at: number): number => levels[at] ?? 0;
  const covers = (a: Flag, b: Flag): boolean => b.rule > a.from && b.rule < a.to;
  const lift = (at: number, over: number): boolean => {
    if (level(at) > level(over)) return false;
    levels[at] = level(over) + 1;
    return true;
  };
  for (let round = 0, moved = true; moved && round < flags.length; round += 1) {
    moved = false;
    for (const [i, a] of flags.entries())
      for (const [j, b] of flags.entries())
        if (j > i) {
          const [ab, ba] = [covers(a, b), covers(b, a)];
          if (ab) moved = lift(j, i) || moved;
          else if (ba) moved = lift(i, j) || moved;
          else if (a.from < b.to && b.from < a.to && level(i) === level(j)) moved = lift(j, i) || moved;
        }
  }
  return levels;
}
