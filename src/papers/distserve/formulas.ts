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
