/** The pixels of an image, or of a frame of a video. */
export interface Resolution {
  readonly width: number;
  readonly height: number;
}

/** One input of the vision encoder: an image or a part of one, resized. The EPD paper calls it a patch, MiniCPM a slice. */
export interface Tile extends Resolution {
  /** positions of the encoder: squares of some pixels */
  readonly patches: number;
  /** what it gives the language model */
  readonly tokens: number;
}

/** What a rule makes of one image: its tiles, and the tokens beside theirs that mark where they begin, end and break into rows. */
export interface Split {
  readonly tiles: readonly Tile[];
  readonly markers: number;
}

/** How images of one kind of rule become tiles. */
export interface RuleModel<Rule extends { readonly kind: string }> {
  readonly fields: readonly (keyof Rule & string)[];
  /** @throws RangeError for a field that cannot be */
  readonly validate: (rule: Rule) => void;
  /** @throws RangeError for a resolution that the published processor refuses */
  readonly split: (rule: Rule, image: Resolution) => Split;
}

/** Sides above this are no image that a processor reads. */
const LARGEST_SIDE = 2 ** 16;

/** @throws RangeError `images: width <value> is not an integer from 1 to 65536` */
export function validateResolution(image: Resolution): void {
  for (const field of ['width', 'height'] as const) {
    const value: unknown = image[field];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > LARGEST_SIDE)
      throw new RangeError(`images: ${field} ${String(value)} is not an integer from 1 to ${LARGEST_SIDE}`);
  }
}

/** A tile of which each square of `patch` pixels is a position of the encoder. */
export const tileOf = ({ width, height }: Resolution, patch: number, tokens: number): Tile => ({ width, height, patches: Math.floor(width / patch) * Math.floor(height / patch), tokens });

/** A square tile. */
export const squareTile = (side: number, patch: number, tokens: number): Tile => tileOf({ width: side, height: side }, patch, tokens);

/** The nearest integer, a half to the even one, as Python rounds. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
}
