import type { Accelerator } from '../../accelerators/accelerator.ts';
import { formula } from '../../provenance/card.ts';
import { type ConstantSpec, family, MEMORY_SHARE } from './family.ts';
import type { CollectiveKernel } from './kernel.ts';

/** Bytes that one chip sends in an all-gather, a reduce-scatter or an all-to-all of `bytes`, sizes as nccl-tests count them. */
export const exchangedBytes = formula({
  id: 'timing/exchanged-bytes',
  name: 'Bytes that a chip sends in an exchange',
  symbols: { bytes: { unit: 'B', meaning: 'size of the whole buffer', tex: 'S' }, gpus: { unit: '1', meaning: 'chips that take part', tex: 'n' } },
  expression: 'bytes * (gpus - 1) / gpus',
  unit: 'B',
  evaluate: ({ bytes, gpus }) => (bytes * (gpus - 1)) / gpus,
  source: { kind: 'repository', repo: 'NVIDIA/nccl-tests', file: 'doc/PERFORMANCE.md', revision: 'master', read: '2026-11-24' },
});

/** What a chip sends: an all-reduce is a reduce-scatter and an all-gather. */
export const sentBytes = ({ operation, gpus, bytes }: CollectiveKernel): number => (operation === 'all-reduce' ? 2 : 1) * exchangedBytes.evaluate({ bytes, gpus });

/** One way rate of the slowest link that an exchange of `gpus` chips crosses: inside a scale-up domain its links, else the network card of each chip. */
export function linkRate(chip: Accelerator, gpus: number): number {
  const rate = gpus <= chip.scaleUpDomain ? chip.scaleUpPerDirection : chip.nicPerAcceleratorPerDirection;
  if (rate === null) throw new RangeError(`timing: gpus ${gpus} need ${gpus <= chip.scaleUpDomain ? 'scaleUpPerDirection' : 'nicPerAcceleratorPerDirection'} of ${chip.id}, which is not catalogued`);
  return rate;
}

/** Chips that an exchange spans: those that take part, or those among which they lie apart. */
export const spanOf = ({ gpus, among = gpus }: CollectiveKernel): number => among;

/** Chips of Hopper's generation and later have switches that add up. */
const addsInSwitch = (chip: Accelerator): boolean => chip.architecture === 'hopper';

const time = (meaning: string): ConstantSpec => ({ unit: 's', meaning });

/**
 * NCCL's collectives, sizes as nccl-tests count them; W = bytes that a chip sends, L = rate of the link, n = chips.
 *   ring        base + hop (n - 1) [twice for an all-reduce] + fill W / (W + fillBytes) + W / (linkShare L) + copy
 *   all-to-all  peerBase + peerFill min(1, S / n / peerBytes) + W / (linkShare L) + copy
 *   in switch   switchBase + S (1 + 1 / n) / (switchShare L), all-reduce only; the faster of it and the ring
 *   copy        2 S / n / (memoryShare beta): the own part, from input to output; none in an all-reduce
 * Source of sizes and wire factors: nccl-tests, doc/PERFORMANCE.md.
 */
export const collective = family({
  id: 'collective',
  name: 'NCCL collective',
  kernel: 'collective',
  constants: {
    base: time('launch and synchronisation'),
    hop: time('one step of the ring'),
    fill: time('filling the pipeline, large messages'),
    fillBytes: { unit: 'B', meaning: 'bytes at which half of that is paid' },
    linkShare: { unit: 'share', meaning: 'share of the link rate' },
    memoryShare: MEMORY_SHARE,
    switchBase: time('start of a reduction in the switch'),
    switchShare: { unit: 'share', meaning: 'share of the link rate with reduction in the switch' },
    peerBase: time('launch and synchronisation of an all-to-all'),
    peerFill: time('change from small to large messages between two peers'),
    peerBytes: { unit: 'B', meaning: 'bytes for one peer at which all of that is paid' },
  },
  time: (kernel: CollectiveKernel, chip, c) => {
    const { operation, gpus, bytes, floating = true } = kernel;
    if (gpus === 1) return 0;
    const sent = sentBytes(kernel);
    const span = spanOf(kernel);
    const rate = linkRate(chip, span);
    const wire = sent / (c.linkShare * rate);
    const copy = operation === 'all-reduce' ? 0 : (2 * bytes) / gpus / (c.memoryShare * chip.memoryBandwidth);
    if (operation === 'all-to-all') return c.peerBase + c.peerFill * Math.min(1, bytes / gpus / c.peerBytes) + wire + copy;
    const steps = (operation === 'all-reduce' ? 2 : 1) * (gpus - 1);
    const ring = c.base + c.hop * steps + (c.fill * sent) / (sent + c.fillBytes) + wire + copy;
    if (operation !== 'all-reduce' || !floating || !addsInSwitch(chip) || span > chip.scaleUpDomain) return ring;
    return Math.min(ring, c.switchBase + (bytes * (1 + 1 / gpus)) / (c.switchShare * rate));
  },
});
