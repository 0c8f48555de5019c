import type { Accelerator } from '../../accelerators/accelerator.ts';
import { linkRate } from './collective.ts';
import { type ConstantSpec, family } from './family.ts';
import type { ExpertExchangeKernel } from './kernel.ts';

const HEADER_BYTES = 16;
/** One FP32 scale for 128 elements in 8 bit. */
const SCALED_ELEMENTS = 128;
/** Tokens are sent to experts of at most this many nodes (DeepSeek-V3's routing). */
const NODES_OF_TOKEN = 4;

/** Bytes that the tokens of one chip are, each once for each of its experts: elements, scales of 8-bit elements, and a header where they are dispatched. */
export function exchangeBytes({ direction, tokens, topK, hidden, elementBytes }: ExpertExchangeKernel): number {
  const scales = elementBytes < 2 ? (4 * hidden) / SCALED_ELEMENTS : 0;
  return tokens * topK * (hidden * elementBytes + scales + (direction === 'dispatch' ? HEADER_BYTES : 0));
}

/** What of it crosses the links inside a node, and what the network, when experts are spread evenly. */
export function exchangeTraffic(kernel: ExpertExchangeKernel, chip: Accelerator): { readonly inside: number; readonly outside: number } {
  const bytes = exchangeBytes(kernel);
  const node = Math.min(kernel.gpus, chip.scaleUpDomain);
  return { inside: (bytes * (node - 1)) / kernel.gpus, outside: bytes * (1 - node / kernel.gpus) };
}

const time = (meaning: string): ConstantSpec => ({ unit: 's', meaning });
const LINK_SHARE = { unit: 'share', meaning: 'share of the rate of the links inside a node' } as const;
const NETWORK_SHARE = { unit: 'share', meaning: 'share of the rate of a network card' } as const;

/**
 * DeepEP's low-latency kernels; B = bytes, n = chips, L and N = rates of link and network card, E = experts on U compute units of the sender.
 *   dispatch  dispatchBase + dispatchExpert E + tokenTime tokens / ceil(E / ceil(E / U)) + exchange
 *   combine   combineBase + combineExpert E + B / stageBandwidth + exchange
 *   exchange  max(inside / (linkShare L), outside / (networkShare N)); both go on at once
 */
export const lowLatencyExchange = family({
  id: 'expert-exchange/low-latency',
  name: 'DeepEP low-latency dispatch and combine',
  kernel: 'expert-exchange',
  constants: {
    dispatchBase: time('start of a dispatch'),
    dispatchExpert: time('one expert more in a dispatch'),
    tokenTime: time('one token on the compute units of its expert'),
    combineBase: time('start of a combine'),
    combineExpert: time('one expert more in a combine'),
    stageBandwidth: { unit: 'B/s', meaning: 'gathering and adding up inside a chip' },
    linkShare: LINK_SHARE,
    networkShare: NETWORK_SHARE,
  },
  time: (kernel: ExpertExchangeKernel, chip, c) => {
    const { direction, gpus, tokens, experts } = kernel;
    if (gpus === 1) return 0;
    const exchange = wireTime(kernel, chip, c);
    if (direction === 'combine') return c.combineBase + c.combineExpert * experts + exchangeBytes(kernel) / c.stageBandwidth + exchange;
    const busy = Math.ceil(experts / Math.ceil(experts / chip.computeUnits));
    return c.dispatchBase + c.dispatchExpert * experts + (c.tokenTime * tokens) / busy + exchange;
  },
});

export interface LowLatencyConstants {
  readonly linkShare: number;
  readonly networkShare: number;
}

/** The time of a low-latency exchange in which nothing but the links is busy: computation can go on meanwhile. The rest sends, receives and adds up on the compute units. */
export function wireTime(kernel: ExpertExchangeKernel, chip: Accelerator, { linkShare, networkShare }: LowLatencyConstants): number {
  if (kernel.gpus === 1) return 0;
  const { inside, outside } = exchangeTraffic(kernel, chip);
  return Math.max(inside / (linkShare * linkRate(chip, Math.min(kernel.gpus, chip.scaleUpDomain))), outside === 0 ? 0 : outside / (networkShare * linkRate(chip, kernel.gpus)));
}

/**
 * DeepEP's normal kernels: a token crosses the network once for each node that holds one of its experts, and the links once for each chip.
 *   t = launch + max(T b D_n / (networkShare N), T b D_c / (linkShare L))
 *   D_n, D_c  expected distinct nodes and chips of k experts spread over at most 4 nodes, the own ones left out
 */
export const normalExchange = family({
  id: 'expert-exchange/normal',
  name: 'DeepEP normal dispatch and combine',
  kernel: 'expert-exchange',
  constants: { launch: time('start'), linkShare: LINK_SHARE, networkShare: NETWORK_SHARE },
  time: (kernel: ExpertExchangeKernel, chip, c) => {
    const { gpus, topK } = kernel;
    if (gpus === 1) return 0;
    const once = exchangeBytes({ ...kernel, topK: 1 });
    const node = Math.min(gpus, chip.scaleUpDomain);
    const nodes = gpus / node;
    const reached = Math.min(NODES_OF_TOKEN, nodes);
    const distinct = (places: number): number => places * (1 - (1 - 1 / places) ** topK);
    const others = (places: number, all: number): number => distinct(places) * (1 - 1 / all);
    const network = nodes <= 1 ? 0 : (once * others(reached, nodes)) / (c.networkShare * linkRate(chip, gpus));
    return c.launch + Math.max(network, (once * others(reached * node, gpus)) / (c.linkShare * linkRate(chip, node)));
  },
});
