import { from } from '../../provenance/sourced.ts';
import { bytes, bytesPerSecond, flopPerSecond } from '../../units/quantity.ts';
import { entry, listPrice, named, priced } from '../entry.ts';
import { aiconfigurator, akashPlans, chiao, coreWeavePlans, dataReceipts, hyperstackPlans, label, lockwoodA100, silybench, stasAccelerators } from '../sources.ts';

const lockwood = from(lockwoodA100);
const configurator = from(aiconfigurator('a100_sxm'));

const runPodSecure = listPrice(1.79, 'RunPod Secure', '2026-11-09', dataReceipts);

export const a10080g = entry(
  {
    ...named('a100-80g', 'NVIDIA A100 SXM4 80GB', 'NVIDIA'),
    peak: {
      bf16: lockwood(flopPerSecond(3.12e14), '6.24e14 is sparse'),
      fp8: from(chiao)(null, 'no FP8 on Ampere'),
      int8: lockwood(flopPerSecond(6.24e14), '1.248e15 is sparse'),
      fp4: from(chiao)(null, 'not supported by the hardware'),
    },
    memoryBandwidth: lockwood(bytesPerSecond(2.039e12)),
    memoryCapacity: configurator(bytes(80 * 2 ** 30)),
    scaleUpPerDirection: lockwood(bytesPerSecond(3e11), 'NVLink'),
    scaleUpDomain: configurator(8),
    nicPerAcceleratorPerDirection: configurator(bytesPerSecond(2.5e10), '8 x 200 Gbps per server'),
    acceleratorsPerServer: configurator(8),
    computeUnits: from(stasAccelerators)(108),
    architecture: label('ampere'),
    usdPerHour: priced(runPodSecure),
  },
  [
    runPodSecure,
    listPrice(1.59, 'RunPod Secure', '2026-09-25', silybench),
    listPrice(1.39, 'RunPod Community', '2026-09-25', silybench),
    listPrice(2.79, 'Lambda, 8 x A100 80GB', '2026-09-25', silybench),
    listPrice(1.6, 'Hyperstack', '2026-08-26', hyperstackPlans),
    listPrice(2.7, 'CoreWeave (21.60 per 8)', '2026-09-20', coreWeavePlans),
    listPrice(3.4309, 'AWS p4de.24xlarge us-east-1', '2026-11-09', dataReceipts),
    listPrice(1.71, 'Akash', '2026-09-20', akashPlans),
  ],
);
