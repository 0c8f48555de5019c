import { formula, procedure } from '../../provenance/card.ts';

/** Requests per second of all GPUs that share a load. */
export const totalRate = formula({
  id: 'distserve/total-rate',
  name: 'Requests per second of all GPUs',
  symbols: { ratePerGpu: { unit: '1/s', meaning: 'requests per second and GPU', tex: 'r' }, gpus: { unit: '1', meaning: 'GPUs', tex: 'n' } },
  expression: 'ratePerGpu * gpus',
  unit: '1/s',
  evaluate: ({ ratePerGpu, gpus }) => ratePerGpu * gpus,
  source: { kind: 'derived', from: 'definition' },
});

/** Bytes of the weights of a model in one format; scales and what is not a weight left out. */
export const parameterBytes = formula({
  id: 'distserve/weight-bytes',
  name: 'Bytes of the weights',
  symbols: { parameters: { unit: '1', meaning: 'parameters', tex: 'N' }, elementBytes: { unit: 'B', meaning: 'bytes of a parameter', tex: 'e' } },
  expression: 'parameters * elementBytes',
  unit: 'B',
  evaluate: ({ parameters, elementBytes }) => parameters * elementBytes,
  source: { kind: 'derived', from: 'definition' },
});

/** Rate of a link both ways together, as vendors print it. */
export const bothDirections = formula({
  id: 'distserve/both-directions',
  name: 'Rate of a link, both ways together',
  symbols: { perDirection: { unit: 'B/s', meaning: 'rate of the link, one way', tex: 'N' } },
  expression: '2 * perDirection',
  unit: 'B/s',
  evaluate: ({ perDirection }) => 2 * perDirection,
  source: { kind: 'derived', from: 'definition' },
});

/** How far a simulated attainment is off the measured one, mean over runs or points. */
export const meanErrorProcedure = procedure({
  id: 'distserve/mean-error',
  name: 'Mean absolute error of attainments',
  steps: ['take the share of requests that keep both times, simulated and measured, of each run or point', 'average the absolute differences'],
  source: { kind: 'derived', from: 'definition' },
});

/** How many times as much. */
export const gainOfRates = formula({
  id: 'distserve/gain',
  name: 'Gain in rate',
  symbols: { rate: { unit: '1/s', meaning: 'requests per second and GPU', tex: 'r' }, other: { unit: '1/s', meaning: 'requests per second and GPU of the system that is compared with', tex: "r'" } },
  expression: 'rate / other',
  unit: '1',
  evaluate: ({ rate, other }) => rate / other,
  source: { kind: 'derived', from: 'definition' },
});

/** How many times tighter objectives a system keeps. */
export const gainOfScales = formula({
  id: 'distserve/slo-gain',
  name: 'Gain in objectives',
  symbols: {
    scale: { unit: '1', meaning: 'smallest factor of both objectives that is kept', tex: 's' },
    other: { unit: '1', meaning: 'the same of the system that is compared with', tex: "s'" },
  },
  expression: 'other / scale',
  unit: '1',
  evaluate: ({ scale, other }) => other / scale,
  source: { kind: 'derived', from: 'definition' },
});

/** Rate of prefill and decode GPUs together, per GPU. */
export const balancedGoodput = formula({
  id: 'distserve/balanced-goodput',
  name: 'Rate per GPU of prefill and decode GPUs together',
  symbols: {
    prefill: { unit: '1/s', meaning: 'rate of one prefill GPU', tex: 'r_p' },
    decode: { unit: '1/s', meaning: 'rate of one decode GPU', tex: 'r_d' },
    prefillGpus: { unit: '1', meaning: 'prefill GPUs', tex: 'n_p' },
    decodeGpus: { unit: '1', meaning: 'decode GPUs', tex: 'n_d' },
  },
  expression: 'min(prefillGpus * prefill, decodeGpus * decode) / (prefillGpus + decodeGpus)',
  unit: '1/s',
  evaluate: ({ prefill, decode, prefillGpus, decodeGpus }) => Math.min(prefillGpus * prefill, decodeGpus * decode) / (prefillGpus + decodeGpus),
  source: { kind: 'paper', id: 'arXiv:2401.09670v3', at: 'section 1' },
});

/** A share that a figure draws, as it is drawn. */
export const shareAsDrawn = formula({
  id: 'distserve/share-as-drawn',
  name: 'Share as drawn',
  symbols: { share: { unit: '1', meaning: 'share that is drawn', tex: 's' } },
  expression: 'share',
  unit: '1',
  evaluate: ({ share }) => share,
  source: { kind: 'derived', from: 'definition' },
});
