import type { NumberSpec } from '../../evidence/number.ts';
import { mmCacheBytes } from '../../models/index.ts';
import { EPD_MODELS, RESOLUTIONS } from './data/tables.ts';
import { derived, ID } from './item.ts';
import { imageKvBytes } from './today-formulas.ts';

const input = (path: string): string => `${ID}/input/${path}`;

/** `epd/image/<model>/<resolution>/<cache-bytes|kv-bytes>`: what one image of the paper takes of the multimedia cache, and its tokens of the KV cache. */
export function imageNumber([head = '', model = '', resolution = '', what = '', ...rest]: readonly string[]): NumberSpec | null {
  if (head !== 'image' || rest.length > 0 || !(EPD_MODELS as readonly string[]).includes(model) || !(RESOLUTIONS as readonly string[]).includes(resolution)) return null;
  const image = `an image of ${resolution} in ${model}`;
  switch (what) {
    case 'cache-bytes':
      return derived(`multimedia cache of ${image}`, mmCacheBytes, { entries: `${ID}/today/shape/${model}/${resolution}/tiles`, bytes: `${ID}/tile-bytes/${model}` });
    case 'kv-bytes':
      return derived(`keys and values of ${image}`, imageKvBytes, { tokens: input(`prompt-tokens/${model}/${resolution}`), kvBytesPerToken: `${ID}/kv-per-token/${model}` });
    default:
      return null;
  }
}
