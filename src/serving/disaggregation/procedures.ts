import { procedure } from '../../provenance/card.ts';

const DISTSERVE = (at: string) => ({ kind: 'paper', id: 'arXiv:2401.09670v3', at }) as const;

/** A run of requests through a cluster, see `simulate`, and what it attains, see `attainmentOf`. */
export const simulationProcedure = procedure({
  id: 'distserve/simulation',
  name: 'Simulation of disaggregated or colocated serving',
  steps: [
    'let the requests arrive; each waits at the prefill instance that has least to do',
    'read prompts in batches in the order of their arrival, as many as rules and memory allow, stage by stage: the first token',
    'pull the keys and values to a decode instance, one request after the other, as soon as it has room; colocated they stay',
    'decode in steps, one token for each request of the batch; who waits joins at the next step, the newest is put out where memory ends',
    'count the requests that keep both times',
  ],
  source: DISTSERVE('sections 4.3 and 5.4'),
});

/** The highest rate that reaches a goal, see `goodput`. */
export const goodputProcedure = procedure({
  id: 'distserve/goodput',
  name: 'Highest rate that keeps the objectives',
  steps: [
    'simulate the load at the middle of a rate that reaches the goal and one that does not',
    'take the middle for one of the two, until they are as near as asked',
    'the goal: a share of the requests keeps both times (joint), or a share the one and a share the other (separate, as the released search has it)',
  ],
  source: DISTSERVE('section 4.1'),
});

/** The best placement, see `searchTogether` and `searchPhase`. */
export const placementProcedure = procedure({
  id: 'distserve/placement',
  name: 'Search for a placement',
  steps: [
    'list the splits of prefill and decode that heads, layers and servers allow',
    'leave out what has no times or no memory, with the reason',
    'find the goodput of each, and divide it by its GPUs',
    'rank by it; of equals, fewer GPUs first',
  ],
  source: DISTSERVE('sections 4.1 and 4.2'),
});

/** A decode step of a batch, see `EngineTimes` and `CalibratedTimes`. */
export const decodeStepProcedure = procedure({
  id: 'distserve/decode-step',
  name: 'Time of a decode step',
  steps: [
    'take the time of a pass of the batch: by the fit to single passes of the released code, or by calibrated kernels',
    'divide it over the stages; the first adds the host time of the step and of each request, each of several its own',
    'add up the stages that a token goes through',
  ],
  source: { kind: 'derived', from: 'src/serving/disaggregation' },
});
