import type { Accelerator } from '../accelerators/accelerator.ts';
import { peakFor } from '../accelerators/peak.ts';
import { rooflineTime } from '../roofline/roofline.ts';
import { exchangedBytes, linkRate, spanOf } from './kernels/collective.ts';
import { exchangeTraffic } from './kernels/expert-exchange.ts';
import type { Kernel } from './kernels/kernel.ts';
import { workOf } from './kernels/work.ts';

export interface Ideal {
  readonly seconds: number;
  readonly bound: 'compute' | 'memory' | 'network';
}

/** The roofline bound of a kernel on a chip, and of an exchange the time that its bytes take on the link; both at data-sheet rates. */
export function idealTime(kernel: Kernel, chip: Accelerator): Ideal {
  if (kernel.kind === 'collective') {
    if (kernel.gpus === 1) return { seconds: 0, bound: 'network' };
    return { seconds: exchangedBytes.evaluate(kernel) / linkRate(chip, spanOf(kernel)), bound: 'network' };
  }
  if (kernel.kind === 'expert-exchange') {
    if (kernel.gpus === 1) return { seconds: 0, bound: 'network' };
    // in normal mode a token crosses a link once at least
    const { inside, outside } = exchangeTraffic({ ...kernel, topK: kernel.mode === 'normal' ? 1 : kernel.topK }, chip);
    const node = Math.min(kernel.gpus, chip.scaleUpDomain);
    return { seconds: Math.max(inside / linkRate(chip, node), outside === 0 ? 0 : outside / linkRate(chip, kernel.gpus)), bound: 'network' };
  }
  const { flop, bytes } = workOf(kernel);
  const peak = kernel.kind === 'elementwise' ? chip.peak.bf16 : peakFor(chip, kernel.math).flopPerSecond;
  const { memoryBandwidth } = chip;
  return { seconds: rooflineTime.evaluate({ flop, bytes, peak, memoryBandwidth }), bound: flop / peak > bytes / memoryBandwidth ? 'compute' : 'memory' };
}
