import { from } from '../../provenance/sourced.ts';
import { bytes, bytesPerSecond, flopPerSecond } from '../../units/quantity.ts';
import { entry, listPrice, named, ownershipCost, priced } from '../entry.ts';
import { aiconfigurator, akashPlans, coreWeavePlans, hyperstackPlans, inferenceX, label, measured, semiAnalysisCost, silybench, stasAccelerators } from '../sources.ts';

const inferenceXTable = from(inferenceX);
const stas = from(stasAccelerators);

const runPodSecure = listPrice(4.59, 'RunPod Secure', '2026-09-25', silybench);

export const h200 = entry(
  {
    ...named('h200', 'NVIDIA H200 SXM5 141GB', 'NVIDIA'),
    peak: {
      bf16: inferenceXTable(flopPerSecond(9.89e14), '1.979e15 is sparse'),
      fp8: inferenceXTable(flopPerSecond(1.979e15), '3.958e15 is sparse'),
      int8: stas(flopPerSecond(1.979e15)),
      fp4: stas(null, 'not supported by the hardware'),
    },
    memoryBandwidth: inferenceXTable(bytesPerSecond(4.8e12)),
    memoryCapacity: from(aiconfigurator('h200_sxm'))(bytes(141 * 2 ** 30), 'a device reports 1.501e11'),
    scaleUpPerDirection: inferenceXTable(bytesPerSecond(4.5e11), 'NVLink'),
    scaleUpDomain: inferenceXTable(8),
    nicPerAcceleratorPerDirection: inferenceXTable(bytesPerSecond(5e10), '8 x 400 Gbps per server'),
    acceleratorsPerServer: inferenceXTable(8),
    computeUnits: from(measured('H200 SXM, device query'))(132),
    architecture: label('hopper'),
    usdPerHour: priced(runPodSecure),
  },
  [
    runPodSecure,
    listPrice(3.59, 'RunPod Community', '2026-09-25', silybench),
    listPrice(4.5, 'Nebius', '2026-09-25', silybench),
    listPrice(3.99, 'Hyperstack', '2026-08-26', hyperstackPlans),
    listPrice(6.305, 'CoreWeave (50.44 per 8)', '2026-09-20', coreWeavePlans),
    listPrice(4.45, 'Akash', '2026-09-20', akashPlans),
    ownershipCost(1.41, 'SemiAnalysis TCO, hyperscaler ownership', '2026-04-03', semiAnalysisCost),
    ownershipCost(1.74, 'SemiAnalysis TCO, neocloud ownership', '2026-04-03', semiAnalysisCost),
  ],
);
