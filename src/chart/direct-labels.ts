import type { JsonObject, Row } from './spec.ts';

/** What `directLabels` needs to know about the lines it names. `height` and `domain` are those of the y scale. */
export interface DirectLabels {
  readonly rows: readonly Row[];
  readonly x: string;
  readonly y: string;
  /** the field that tells lines apart, and the text at their end */
  readonly series: string;
  readonly label?: string;
  /** the colour of each series; text colour without it */
  readonly colour: (series: string) => string;
  readonly height: number;
  readonly domain: readonly [number, number];
  readonly log: boolean;
}

const LINE_HEIGHT = 15;
const LEADER = 16;

const round = (pixel = 0): number => Math.round(pixel * 10) / 10;

/**
 * A Vega-Lite layer that names each line at its right end, in the line's colour, instead of a legend. Labels that would
 * overlap are moved apart in the order of the lines, and a short leader shows which line each belongs to.
 */
export function directLabels(options: DirectLabels): JsonObject {
  const { rows, x, y, series, label = series, colour, height, domain, log } = options;
  const last = new Map<string, Row>();
  for (const row of rows) if (Number(row[x]) >= Number(last.get(String(row[series]))?.[x] ?? -Infinity)) last.set(String(row[series]), row);
  const scale = log ? Math.log : Number;
  const [low, high] = [scale(domain[0]), scale(domain[1])];
  const sorted = [...last.values()].sort((a, b) => Number(b[y]) - Number(a[y]));
  const ends = sorted.map((row) => height * (1 - (scale(Number(row[y])) - low) / (high - low)));
  const pixels = spread(ends, LINE_HEIGHT, [0, height]);
  const ownColour: JsonObject = { field: 'colour', type: 'nominal', scale: null, legend: null };
  const at = (field: string): JsonObject => ({ field, type: 'quantitative', scale: null, axis: null });
  return {
    data: { values: sorted.map((row, index) => ({ label: row[label] ?? '', colour: colour(String(row[series])), end: round(ends[index]), pixel: round(pixels[index]) })) },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 1, opacity: 0.6, tooltip: null },
        encoding: { x: { value: { expr: 'width + 3' } }, x2: { value: { expr: `width + ${LEADER}` } }, y: at('end'), y2: { field: 'pixel' }, color: ownColour },
      },
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: LEADER + 4, tooltip: null },
        encoding: { x: { value: 'width' }, y: at('pixel'), text: { field: 'label', type: 'nominal' }, color: ownColour },
      },
    ],
  };
}

/** Moves ascending positions at least `gap` apart, each block of touching ones centred on where its members wanted to be, inside the bounds where they fit. */
export function spread(positions: readonly number[], gap: number, [low, high]: readonly [number, number]): readonly number[] {
  const blocks: { centre: number; count: number }[] = [];
  for (const position of positions) {
    let block = { centre: position, count: 1 };
    for (let last = blocks.at(-1); last && block.centre - last.centre < (gap * (block.count + last.count)) / 2; last = blocks.at(-1)) {
      blocks.pop();
      const count = block.count + last.count;
      block = { centre: (block.centre * block.count + last.centre * last.count) / count, count };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ centre, count }) => {
    const half = (gap * (count - 1)) / 2;
    const middle = Math.max(low + half, Math.min(high - half, centre));
    return Array.from({ length: count }, (_, index) => middle - half + gap * index);
  });
}
