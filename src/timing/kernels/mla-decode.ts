import { peakFor } from '../../accelerators/peak.ts';
import { COMPUTE_SHARE, computeTime, family, LAUNCH, MEMORY_SHARE, memoryTime, smoothMax } from './family.ts';
import type { DecodeAttentionKernel } from './kernel.ts';
import { workOf } from './work.ts';

/** Both kernels run one request's heads on a pair of compute units. */
const pairsOf = (computeUnits: number): number => Math.floor(computeUnits / 2);

/**
 * Latent attention as FlashMLA runs it: requests are dealt out over pairs of compute units.
 *   t = launch + splitTime [where the pairs do not get one whole request each] + itemTime (max(1, B / pairs) - 1) + max(F / (computeShare P), bytes / (memoryShare beta))
 */
export const flashMla = family({
  id: 'mla-decode/flashmla',
  name: 'latent attention, FlashMLA',
  kernel: 'decode-attention',
  constants: {
    launch: LAUNCH,
    splitTime: { unit: 's', meaning: 'time of adding up requests that are cut over pairs of compute units' },
    itemTime: { unit: 's', meaning: 'time between two requests of one pair' },
    computeShare: COMPUTE_SHARE,
    memoryShare: MEMORY_SHARE,
  },
  time: (kernel: DecodeAttentionKernel, chip, c) => {
    const { batch, math } = kernel;
    const pairs = pairsOf(chip.computeUnits);
    const { flop, bytes } = workOf(kernel);
    const cut = !(batch <= pairs && pairs < 2 * batch);
    return (
      c.launch +
      (cut ? c.splitTime : 0) +
      c.itemTime * (Math.max(1, batch / pairs) - 1) +
      Math.max(
        computeTime.evaluate({ flop, computeShare: c.computeShare, peak: peakFor(chip, math).flopPerSecond }),
        memoryTime.evaluate({ bytes, memoryShare: c.memoryShare, memoryBandwidth: chip.memoryBandwidth }),
      )
    );
  },
});

/** The parts into which FlashInfer's plan cuts contexts: the even load of a pair, rounded up. */
function partTokens(even: number): number {
  const steps = [
    [8, 32],
    [16, 64],
    [32, 128],
    [64, 192],
  ] as const;
  return steps.find(([most]) => even <= most)?.[1] ?? Math.ceil(even / 256) * 256;
}

/** Load of the busiest pair over the even load, when parts go in order of the requests to the pair with least. */
function imbalance(batch: number, context: number, pairs: number): { readonly factor: number; readonly parts: number } {
  const part = partTokens(Math.max(1, Math.ceil((batch * context) / pairs)));
  const load = new Float64Array(pairs);
  for (let request = 0; request < batch; request++)
    for (let left = context; left > 0; left -= part) {
      let least = 0;
      for (let pair = 1; pair < pairs; pair++) if ((load[pair] as number) < (load[least] as number)) least = pair;
      load[least] = (load[least] as number) + Math.min(part, left);
    }
  return { factor: (Math.max(...load) * pairs) / (batch * context), parts: Math.ceil(context / part) };
}

/**
 * Latent attention as FlashInfer runs it: contexts are cut into equal parts, dealt out greedily.
 *   t = launch + partial outputs / (memoryShare beta) + smooth maximum of g F / (computeShare P) and bytes / (memoryShare beta); g = busiest over even load
 */
export const flashInferMla = family({
  id: 'mla-decode/flashinfer',
  name: 'latent attention, FlashInfer',
  kernel: 'decode-attention',
  constants: { launch: LAUNCH, computeShare: COMPUTE_SHARE, memoryShare: MEMORY_SHARE },
  time: (kernel: DecodeAttentionKernel, chip, c) => {
    const { batch, context, heads, valueDim, math } = kernel;
    const { flop, bytes } = workOf(kernel);
    const { factor, parts } = imbalance(batch, context, pairsOf(chip.computeUnits));
    const traffic = (moved: number): number => memoryTime.evaluate({ bytes: moved, memoryShare: c.memoryShare, memoryBandwidth: chip.memoryBandwidth });
    return (
      c.launch +
      (parts > 1 ? traffic(8 * batch * heads * parts * valueDim) : 0) +
      smoothMax(factor * computeTime.evaluate({ flop, computeShare: c.computeShare, peak: peakFor(chip, math).flopPerSecond }), traffic(bytes))
    );
  },
});
