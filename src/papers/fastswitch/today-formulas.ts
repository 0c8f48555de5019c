import { formula, procedure } from '../../provenance/card.ts';

/** Rate of large pieces of a method on another link: what a large copy reaches there, times the share of it that the method reached where it was measured. */
export const carriedRate = formula({
  id: 'fastswitch/carried-rate',
  name: 'Rate of a copy method on another link',
  symbols: {
    linkRate: { unit: 'B/s', meaning: 'rate of a large copy on the link', tex: 'N' },
    methodRate: { unit: 'B/s', meaning: 'rate of large pieces of the method on the measured link', tex: "B'" },
    measuredRate: { unit: 'B/s', meaning: 'rate of a large copy on the measured link', tex: "N'" },
  },
  expression: 'linkRate * min(1, methodRate / measuredRate)',
  unit: 'B/s',
  evaluate: ({ linkRate, methodRate, measuredRate }) => linkRate * Math.min(1, methodRate / measuredRate),
  source: { kind: 'derived', from: 'the method loses the same share on every link: assumed' },
});

/** How the pieces of a cache are counted. */
export const cacheLayoutProcedure = procedure({
  id: 'fastswitch/cache-layout',
  name: 'Pieces of the cache of a request',
  steps: [
    'every layer keeps a slice of a block: keys and values apart, a latent or a compressed entry as one, index keys as one of their own',
    'a layer with a window keeps the blocks of its window; a recurrent state is one piece a layer at any context',
    'a call copies the slice of one block, or of a group of blocks that lie together',
  ],
  source: { kind: 'derived', from: 'layout of a paged cache, see `cacheLayout`' },
});

/** How long a cache takes out to the host and back. */
export const swapSecondsProcedure = procedure({
  id: 'fastswitch/swap-seconds',
  name: 'Time of a cache to the host and back',
  steps: ['count calls and bytes one way', 'calls of their mean size, one after the other, at the constants of the direction', 'add both directions: they do not run at the same time'],
  source: { kind: 'derived', from: 'see `copyTime` and `movedBy`' },
});

/** How the faster way back is found. */
export const wayBackProcedure = procedure({
  id: 'fastswitch/way-back',
  name: 'Contexts where computing a cache again is faster than swapping it',
  steps: [
    'take as few chips as hold the model, every layer split over them; each copies its own part over its own link',
    'swap: calls and bytes of the cache out and in, an exact function of the context',
    'recompute at data-sheet rates: the roofline of the prompt, without the head; calibrated: expected time of a prompt alone',
    'data-sheet rates: solve for the contexts where the difference changes sign; calibrated: powers of two, then halving between them',
    'first and last context at which recomputing is the faster one',
  ],
  source: { kind: 'derived', from: 'see `breakEven` and `calibratedBreakEven`' },
});
