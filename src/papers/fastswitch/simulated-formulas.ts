import { formula, procedure } from '../../provenance/card.ts';

const definition = { kind: 'derived', from: 'definition' } as const;

/** A run of the paper, see `paperRun`. */
export const runProcedure = procedure({
  id: 'fastswitch/run',
  name: 'Simulated conversations on an engine that preempts',
  steps: [
    'draw conversations of several turns: turns and tokens each from the distribution that the paper draws, arrivals from a Poisson process',
    'run them with continuous batching on one GPU; times of kernels and of copies were measured on other chips and are carried to this one',
    'at each update draw priorities anew: those that fit stay or come, the others go to the host',
    'copies take calls times dispatch, and bytes over the rate of the link; iterations wait for them where they are synchronous',
    'read off what is asked: percentiles over turns, tokens or iterations, tokens per second, blocks, shares of the time',
  ],
  source: { kind: 'paper', id: 'arXiv:2411.18424', at: 'sections 3 and 4' },
});

/** The least or the most of several numbers. */
export const extremeProcedure = procedure({
  id: 'fastswitch/extreme',
  name: 'Least or most of several numbers',
  steps: ['compute each', 'take the least, or the most'],
  source: definition,
});

const rate = (meaning: string, tex: string) => ({ unit: 'token/s', meaning, tex }) as const;

/** How many times the tokens per second. */
export const timesTheTokens = formula({
  id: 'fastswitch/times-the-tokens',
  name: 'How many times the throughput',
  symbols: { value: rate('tokens per second', 'x'), other: rate('those that they are compared with', "x'") },
  expression: 'value / other',
  unit: '1',
  evaluate: ({ value, other }) => value / other,
  source: definition,
});

const group = (meaning: string, tex: string) => ({ unit: '1', meaning, tex }) as const;

/** Largest over smallest mean group, of three first groups. */
export const spreadOfGroups = formula({
  id: 'fastswitch/spread',
  name: 'Largest over smallest mean group',
  symbols: {
    first: group('blocks of a mean group', 'g_1'),
    second: group('the same with another first group', 'g_2'),
    third: group('and another', 'g_3'),
  },
  expression: 'max(first, second, third) / min(first, second, third)',
  unit: '1',
  evaluate: ({ first, second, third }) => Math.max(first, second, third) / Math.min(first, second, third),
  source: definition,
});

/** The larger of two numbers. */
export const largestOf = formula({
  id: 'fastswitch/largest',
  name: 'The larger of two numbers',
  symbols: { first: group('a number', 'x'), second: group('another', "x'") },
  expression: 'max(first, second)',
  unit: '1',
  evaluate: ({ first, second }) => Math.max(first, second),
  source: definition,
});
