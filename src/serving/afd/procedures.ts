import { procedure } from '../../provenance/card.ts';

const STEP_3 = (at: string) => ({ kind: 'paper', id: 'arXiv:2507.19427v1', at }) as const;

/** Time per output token of a disaggregated deployment, see `afdPlanner`. */
export const planProcedure = procedure({
  id: 'afd/plan',
  name: 'Time per output token of attention-FFN disaggregation',
  steps: [
    'split each layer between attention and feed-forward chips, and time the kernels of each side for one micro-batch',
    'time the transfers: FP8 with scales there, BF16 back, over the network cards of either side, whichever takes longer; and what chips of an instance pass on',
    'find the period of the pipeline of all layers, stages and micro-batches, the head behind the last layer',
    'divide it by the tokens that a step yields',
  ],
  source: STEP_3('section 4'),
});

/** The best plan of a pair of chips, see `searchAfd`. */
export const searchProcedure = procedure({
  id: 'afd/search',
  name: 'Best plan within a time per output token',
  steps: [
    'for each way to set up a side, find the most requests of a micro-batch that keep its stage and its memory',
    'pair both sides with as many attention instances as match, best bound first',
    'find the most requests with which the whole pipeline keeps the time per token, and leave out what cannot beat the best so far',
  ],
  source: { kind: 'derived', from: 'src/serving/afd' },
});

/** The best colocated deployment of a chip, see `bestColocated`. */
export const colocatedProcedure = procedure({
  id: 'afd/colocated',
  name: 'Best colocated deployment within a time per output token',
  steps: [
    'dense models: 1 to 8 chips that split each layer; experts: 8 to 256 chips, attention data parallel, experts dealt out, halves of a batch overlapped or not',
    'find the most requests of a replica that keep the step and fit in memory',
    'keep the deployment with most tokens per second and chip',
  ],
  source: { kind: 'derived', from: 'src/serving/afd' },
});
