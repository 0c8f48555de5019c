import { topTitle } from './axis.ts';
import { inPanel } from './panels.ts';
import { MARK_ROOM, type SeriesPoint, seriesLines } from './series-lines.ts';
import { checkSeries, type SeriesOptions, type SeriesRow } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';

/**
 * Time to first token of requests with so many images: what we compute, in seconds, and what the paper prints; one of both may be missing. `fitted` says that the
 * line was fitted to the printed value, which is then drawn filled; the others are predicted and hollow.
 */
export interface TtftOverImagesRow extends SeriesRow {
  readonly images: number;
  readonly seconds?: number | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly reference?: number | undefined;
  readonly fitted?: boolean | undefined;
}

export interface TtftOverImagesOptions extends SeriesOptions {
  /** title of the axis of images: `Frames in the request` */
  readonly xTitle?: string | undefined;
}

const LEFT = 34;
const AIR = 1.05;
const TITLE = 'Time to first token, s';

/**
 * Time to first token against images in a request: a line per system, named at its end, and what the paper prints, filled where the line was fitted to it. Panels
 * have scales of their own.
 * @throws RangeError `ttftOverImages: ...` for no rows, images or times that are not positive, half an interval, an empty one, a row without a time, or a fit to a value that is not there
 */
export function ttftOverImages(rows: readonly TtftOverImagesRow[], options: TtftOverImagesOptions): Chart {
  const { id, title, description, xTitle = 'Images in the request' } = options;
  checkSeries('ttftOverImages', rows, { x: 'images', value: 'seconds', positive: ['x', 'value'] });
  for (const { series, fitted, reference } of rows) if (fitted && reference === undefined) throw new RangeError(`ttftOverImages: reference of ${series} is missing, nothing is fitted to it`);
  const points: readonly SeriesPoint[] = rows.map(({ images, seconds, ...row }) => ({ ...row, x: images, value: seconds }));
  const drawn = seriesLines({
    points,
    options,
    titles: { x: xTitle, value: TITLE },
    left: LEFT,
    axes: (own) => {
      const x: JsonObject = inPanel(
        {
          field: 'x',
          type: 'quantitative',
          scale: { domain: [0, Math.max(...own.map((point) => point.x))], nice: false, zero: true },
          axis: { title: xTitle, tickCount: 8, tickMinStep: 1, labelExpr: "format(datum.value, 'd')", labelFlush: false, labelOverlap: 'greedy', labelSeparation: 8 },
        },
        MARK_ROOM,
      );
      const domain: readonly [number, number] = [0, AIR * Math.max(...own.flatMap(({ value = 0, high = 0, reference = 0 }) => [value, high, reference]))];
      const y: JsonObject = { scale: { domain, nice: false, zero: true }, axis: { title: TITLE, tickCount: 5, labelExpr: "format(datum.value, '~r')", ...topTitle } };
      return { x, y, domain, log: false };
    },
  });
  return { id, title, description, ...drawn };
}
