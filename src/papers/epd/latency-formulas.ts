import { formula, procedure } from '../../provenance/card.ts';

const seconds = (meaning: string, tex: string) => ({ unit: 's', meaning, tex }) as const;

/** By which share the first token comes earlier: 1 - T / T'. */
export const ttftReduction = formula({
  id: 'epd/ttft-reduction',
  name: 'Reduction of TTFT',
  symbols: { ttft: seconds('TTFT', 'T'), other: seconds('TTFT of the system that is compared with', "T'") },
  expression: '1 - ttft / other',
  unit: '1',
  evaluate: ({ ttft, other }) => 1 - ttft / other,
  source: { kind: 'derived', from: 'definition' },
});

/** Time of an image of a request whose images take equally long. */
export const imageTimeOfRequest = formula({
  id: 'epd/image-time',
  name: 'Time of an image',
  symbols: { request: seconds('time of the request', 'T'), images: { unit: '1', meaning: 'images of the request', tex: 'n' } },
  expression: 'request / images',
  unit: 's',
  evaluate: ({ request, images }) => request / images,
  source: { kind: 'derived', from: 'definition' },
});

/** How much slower TTFT grows with frames. */
export const ratioOfGrowth = formula({
  id: 'epd/ratio-of-growth',
  name: 'Growth of TTFT per frame, relative',
  symbols: { frameTime: seconds('time by which a frame lengthens TTFT', 't_f'), other: seconds('the same of the system that is compared with', "t_f'") },
  expression: 'frameTime / other',
  unit: '1',
  evaluate: ({ frameTime, other }) => frameTime / other,
  source: { kind: 'derived', from: 'definition' },
});

/** How far times of a fit are off. */
export const largestErrorProcedure = procedure({
  id: 'epd/largest-error',
  name: 'Largest relative error of fitted times',
  steps: ['take |time / printed - 1| of each cell, those that the constants were fitted to or those that were held out', 'take the largest'],
  source: { kind: 'derived', from: 'definition' },
});

/** How two constants are found where a queue makes the time not linear in them. */
export const queuedFitProcedure = procedure({
  id: 'epd/queued-fit',
  name: 'Line with a queue through two times',
  steps: ['halve the range of the time per frame until the difference of the two times is that of the printed ones', 'take what is left of a printed time as the base'],
  source: { kind: 'derived', from: 'the difference grows with the time per frame' },
});
