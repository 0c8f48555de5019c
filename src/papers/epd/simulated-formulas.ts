import { formula, procedure } from '../../provenance/card.ts';

const definition = { kind: 'derived', from: 'definition' } as const;
const EPD = (at: string) => ({ kind: 'paper', id: 'arXiv:2501.05460v4', at }) as const;

/** A run of the client, see `runOf` and `switchRun`. */
export const epdRunProcedure = procedure({
  id: 'epd/run',
  name: 'Simulated run of encode, prefill and decode workers',
  steps: [
    "send the requests of the client at its rate: gaps of numpy's generator of its seed",
    'deal the images of each request out over encode workers, each to the one that has least to do; without them prefill workers encode',
    'read the prompt when the last image is encoded: the first token',
    'decode in steps, the requests of a worker together; where workers change roles, one each few seconds goes to the stage with most requests',
    'take the mean over the requests',
  ],
  source: EPD('sections 3.2 and 4.4'),
});

/** The best allocation, see `searchAllocations`. */
export const allocationSearchProcedure = procedure({
  id: 'epd/allocation-search',
  name: 'Search for an allocation',
  steps: [
    'list all counts of encode, prefill and decode workers of the chips, of prefill and decode workers that encode too, and of workers that do all',
    'find the goodput of each with and without intra-request parallelism; leave out what misses the objectives at a share of the best rate so far',
    'try other batches, dispatchers and orders on the best ones',
    'rank by goodput; of equals the one that was tried first',
  ],
  source: EPD('section 3.2.3'),
});

/** Every allocation of a space, see `spaceMeans`. */
export const spaceMeanProcedure = procedure({
  id: 'epd/space-mean',
  name: 'Mean over a space of allocations',
  steps: ['take every count of encode, prefill and decode workers, with and without intra-request parallelism, and every batch that the paper names', 'simulate each', 'take the mean'],
  source: definition,
});

const rate = (meaning: string, tex: string) => ({ unit: '1/s', meaning, tex }) as const;

/** How many times the rate. */
export const timesTheRate = formula({
  id: 'epd/times-rate',
  name: 'How many times the rate',
  symbols: { value: rate('rate that is compared', 'x'), other: rate('rate that it is compared with', 'y') },
  expression: 'value / other',
  unit: '1',
  evaluate: ({ value, other }) => value / other,
  source: definition,
});

const seconds = (meaning: string, tex: string) => ({ unit: 's', meaning, tex }) as const;

/** How many times as long. */
export const timesAsLong = formula({
  id: 'epd/times-seconds',
  name: 'How many times as long',
  symbols: { value: seconds('time that is compared', 'x'), other: seconds('time that it is compared with', 'y') },
  expression: 'value / other',
  unit: '1',
  evaluate: ({ value, other }) => value / other,
  source: definition,
});

/** Rate at which a share of requests crosses a share that is asked for, on the line between two rates. */
export const rateBetween = formula({
  id: 'epd/rate-between',
  name: 'Rate at which the attainment falls to what is asked',
  symbols: {
    low: rate('rate that attains more', '\\lambda_1'),
    high: rate('rate that attains less', '\\lambda_2'),
    more: { unit: '1', meaning: 'attainment at the lower rate', tex: 'A_1' },
    less: { unit: '1', meaning: 'attainment at the higher rate', tex: 'A_2' },
    asked: { unit: '1', meaning: 'attainment that is asked', tex: 'A' },
  },
  expression: 'low + (high - low) * (more - asked) / (more - less)',
  unit: '1/s',
  evaluate: ({ low, high, more, less, asked }) => low + ((high - low) * (more - asked)) / (more - less),
  source: { kind: 'repository', repo: 'vbdi/epdserve', file: 'epdserve/resource_allocation.py', revision: '9b111f710dfb', read: '2026-11-28' },
});
