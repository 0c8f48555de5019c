import type { OrderKey } from '../disaggregation/cluster.ts';

export const ORDERS = ['fcfs', 'sjf', 'least-slack'] as const;
/** In which order requests wait: first come first served, shortest job first, or least time left to their objective first. */
export type Order = (typeof ORDERS)[number];

export interface OrderOptions {
  /** objective of the time to first token, s */
  readonly ttft: number;
  /** time that a request takes to be encoded and read, alone, s */
  readonly seconds: (prompt: number, media: number) => number;
}

/**
 * The key by which requests wait; undefined for first come first served, which needs none.
 *   sjf          time of encoding and prefill
 *   least-slack  arrival + objective - that time: the last moment at which a request could begin and keep its objective
 * The paper names an SLO-aware order without saying it further (section 3.2.3 of arXiv:2501.05460); least-slack is our reading.
 */
export function orderKey(order: Order, { ttft, seconds }: OrderOptions): OrderKey | undefined {
  switch (order) {
    case 'fcfs':
      return undefined;
    case 'sjf':
      return (_arrival, prompt, media) => seconds(prompt, media);
    case 'least-slack':
      return (arrival, prompt, media) => arrival + ttft - seconds(prompt, media);
  }
}
