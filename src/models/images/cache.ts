import { formula } from '../../provenance/card.ts';

const EPD = { kind: 'paper', id: 'arXiv:2501.05460v4', at: 'section 3.2 and appendix E.1 (multimedia cache of the encode and prefill instances)' } as const;

/** Bytes of an element of what an encoder gives, in FP16 and BF16. */
export const RESULT_BYTES = 2;

/** Bytes of one tile in the multimedia cache: a vector as wide as the language model for each of its tokens. Ignored: features of further layers that some models add. */
export const tileBytes = formula({
  id: 'models/tile-bytes',
  name: 'Bytes of a tile in the multimedia cache',
  symbols: {
    tokens: { unit: '1', meaning: 'image tokens of a tile', tex: 't' },
    hidden: { unit: '1', meaning: 'width of the language model', tex: 'H' },
    elementBytes: { unit: 'B', meaning: 'bytes of an element: 2 in FP16', tex: 'b' },
  },
  expression: 'tokens * hidden * elementBytes',
  unit: 'B',
  evaluate: ({ tokens, hidden, elementBytes }) => tokens * hidden * elementBytes,
  source: EPD,
});

/** Bytes of a multimedia cache of a fixed number of entries, one tile each. */
export const mmCacheBytes = formula({
  id: 'models/mm-cache-bytes',
  name: 'Bytes of a multimedia cache',
  symbols: { entries: { unit: '1', meaning: 'tiles that it holds', tex: 'n' }, bytes: { unit: 'B', meaning: 'bytes of a tile', tex: 'B' } },
  expression: 'entries * bytes',
  unit: 'B',
  evaluate: ({ entries, bytes }) => entries * bytes,
  source: EPD,
});
