/** Pixels on a side of a patch, and of the square whose area a tile keeps. */
const PATCH = 14;
const SIDE = 448;
const MOST_SLICES = 9;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Nearest whole number, a half to the even one. */
const toEven = (value: number): number => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));
const multipleOf = (length: number, of: number): number => Math.max(toEven(length / of), 1) * of;

/** A size of the same shape and the area of 448 x 448, sides cut to whole pixels; kept where it is smaller and may not grow. Then sides that patches divide. */
function fitted({ width, height }: Size, mayGrow: boolean): Size {
  const ratio = width / height;
  const resized = mayGrow || width * height > SIDE ** 2;
  const fitHeight = resized ? Math.trunc(SIDE / Math.sqrt(ratio)) : height;
  const fitWidth = resized ? Math.trunc(fitHeight * ratio) : width;
  return { width: multipleOf(fitWidth, PATCH), height: multipleOf(fitHeight, PATCH) };
}

const patchesOf = ({ width, height }: Size): number => (width / PATCH) * (height / PATCH);

export interface Slices {
  readonly tiles: number;
  /** patches of the tile that has most: the encoder pads all tiles of a pass to it */
  readonly largestTilePatches: number;
}

/**
 * Tiles of an image in MiniCPM-V 2.6 and the patches of the largest. m = min(ceil(w h / 448^2), 9) slices at most; one tile where m = 1, else a grid of m - 1, m or
 * m + 1 slices (2 to 9) whose shape is nearest to the image's by the logarithm, and one tile of the whole image. A tile keeps its shape at the area of 448 x 448.
 * Source: image processor of openbmb/MiniCPM-V-2_6 (slicing and resizing); its modelling code pads the patches of a batch of tiles to the most.
 * @throws RangeError for sides that are no positive integers
 */
export function slicesOf(size: Size): Slices {
  for (const [side, value] of Object.entries(size)) if (!(Number.isSafeInteger(value) && value >= 1)) throw new RangeError(`slices: ${side} ${value} is not a positive integer`);
  const { width, height } = size;
  const most = Math.min(Math.ceil((width * height) / SIDE ** 2), MOST_SLICES);
  if (most <= 1) return { tiles: 1, largestTilePatches: patchesOf(fitted(size, true)) };
  const counts = [most - 1, most, most + 1].filter((count) => count > 1 && count <= MOST_SLICES);
  const grids = counts.flatMap((count) => Array.from({ length: count }, (_, at) => at + 1).flatMap((columns) => (count % columns === 0 ? [{ columns, rows: count / columns }] : [])));
  const off = ({ columns, rows }: (typeof grids)[number]): number => Math.abs(Math.log(width / height) - Math.log(columns / rows));
  const grid = grids.reduce((best, each) => (off(each) < off(best) ? each : best));
  const slice = { width: multipleOf(width, grid.columns) / grid.columns, height: multipleOf(height, grid.rows) / grid.rows };
  return { tiles: grid.columns * grid.rows + 1, largestTilePatches: Math.max(patchesOf(fitted(size, false)), patchesOf(fitted(slice, true))) };
}
