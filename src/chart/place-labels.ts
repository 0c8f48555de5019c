/** A point that wants a label: `x` as a share of the plot's width, `y` in px from its top, the size of its text in px. */
export interface LabelPoint {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** left out where every side is worse than this; never left out without it */
  readonly tolerated?: number;
}

/** Where the middle of a label stands relative to its point. */
export type LabelPlace = { readonly align: 'left' | 'center' | 'right'; readonly dx: number; readonly dy: number };

/** What labels should not cover, in the coordinates of `LabelPoint`; `dx` is a further distance in px, `weight` how bad it is, 1 unless said. */
export interface Obstacle {
  readonly x: number;
  readonly y: number;
  readonly dx?: number;
  readonly weight?: number;
}

const SIDE = 10;
const LINE = 14;
const CLEAR = 5;
/** weights of what a label may do: cover a point or another label, leave the plot by a pixel, be nearer to a point that is not its own */
const POINT = 5;
const OVERLAP = 30;
const OUTSIDE = 2;
const STRAY = 8;
/** widths of the plot on a wide page and on a phone: a label must do in both */
const PLOTS = [640, 240];
const ALIGNS = ['left', 'right', 'center'] as const;

/**
 * Chooses for each label one of eight sides of its point, in order, so that it covers as few points, lines and earlier labels as
 * can be. The side is the same at every width of the plot.
 */
export function placeLabels(points: readonly LabelPoint[], obstacles: readonly Obstacle[], plotHeight: number): readonly (LabelPlace | null)[] {
  const places: (LabelPlace | null)[] = [];
  const placed: { point: LabelPoint; place: LabelPlace }[] = [];
  const marks: readonly Obstacle[] = [...obstacles, ...points.map(({ x, y }) => ({ x, y, weight: POINT }))];
  for (const point of points) {
    const cost = (place: LabelPlace): number =>
      PLOTS.reduce((sum, plot) => {
        const box = boxOf(point, place, plot);
        const covered = marks.reduce((bad, { x, dx = 0, y, weight = 1 }) => bad + (inside(box, x * plot + dx, y) ? weight : 0), 0);
        const strays = points.some((other) => other !== point && distance(box, other, plot) < distance(box, point, plot)) ? STRAY : 0;
        const overlaps = placed.filter((other) => touches(box, boxOf(other.point, other.place, plot))).length;
        const outside = Math.max(0, -box.left) + Math.max(0, box.right - plot) + Math.max(0, -box.top) + Math.max(0, box.bottom - plotHeight);
        return sum + covered + strays + OVERLAP * overlaps + OUTSIDE * outside;
      }, 0);
    const sides = candidates(point);
    const costs = sides.map(cost);
    const least = Math.min(...costs);
    const place = sides[costs.indexOf(least)];
    if (place === undefined || least > (point.tolerated ?? Number.POSITIVE_INFINITY)) {
      places.push(null);
      continue;
    }
    places.push(place);
    placed.push({ point, place });
  }
  return places;
}

/** Things with their places, without those that got none. */
export const withPlaces = <T extends { readonly text: string }>(labels: readonly T[], places: readonly (LabelPlace | null)[]): readonly (T & LabelPlace)[] =>
  labels.flatMap((label, index) => {
    const place = places[index];
    return place ? [{ ...label, ...labelShift(place, label.text) }] : [];
  });

/** Size of a text of the charts in px: letters of 12 px are up to 7 px wide on average. */
export const textSize = (text: string): { readonly width: number; readonly height: number } => {
  const lines = text.split('\n');
  return { width: 7 * Math.max(...lines.map((line) => line.length)), height: LINE * lines.length };
};

/** What a text mark needs of a place: `dy` of its first line. */
const labelShift = ({ align, dx, dy }: LabelPlace, text: string): LabelPlace => ({ align, dx, dy: dy - (LINE / 2) * (text.split('\n').length - 1) });

function candidates({ height }: LabelPoint): readonly LabelPlace[] {
  const above = -(height / 2 + SIDE - 3);
  return [0, above, -above].flatMap((dy) => ALIGNS.filter((align) => dy !== 0 || align !== 'center').map((align) => ({ align, dy, dx: dy === 0 ? shift(align, SIDE) : shift(align, 4) })));
}

const shift = (align: LabelPlace['align'], by: number): number => (align === 'left' ? by : align === 'right' ? -by : 0);

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function boxOf({ x, y, width, height }: LabelPoint, { align, dx, dy }: LabelPlace, plot: number): Box {
  const start = x * plot + dx - (align === 'left' ? 0 : align === 'right' ? width : width / 2);
  return { left: start, right: start + width, top: y + dy - height / 2, bottom: y + dy + height / 2 };
}

const distance = (box: Box, { x, y }: Obstacle, plot: number): number => Math.hypot((box.left + box.right) / 2 - x * plot, (box.top + box.bottom) / 2 - y);
const inside = (box: Box, x: number, y: number): boolean => x > box.left - CLEAR && x < box.right + CLEAR && y > box.top - CLEAR && y < box.bottom + CLEAR;
const touches = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
