import { from } from '../../provenance/sourced.ts';
import { bytes, bytesPerSecond, flopPerSecond } from '../../units/quantity.ts';
import { entry, listPrice, named, ownershipCost, priced } from '../entry.ts';
import { aiconfigurator, coreWeavePlans, dataReceipts, hyperstackPlans, inferenceX, label, lockwoodH100, measured, privum, semiAnalysisCost, silybench, stasAccelerators } from '../sources.ts';

const lockwood = from(lockwoodH100);
const configurator = from(aiconfigurator('h100_sxm'));
const inferenceXTable = from(inferenceX);

const runPodSecure = listPrice(3.99, 'RunPod Secure', '2026-11-09', dataReceipts, 'raised since September');

export const h100 = entry(
  {
    ...named('h100', 'NVIDIA H100 SXM5 80GB', 'NVIDIA'),
    peak: {
      bf16: lockwood(flopPerSecond(9.894e14), '1.979e15 is sparse'),
      fp8: lockwood(flopPerSecond(1.9789e15), '3.958e15 is sparse'),
      int8: lockwood(flopPerSecond(1.9789e15)),
      fp4: from(stasAccelerators)(null, 'not supported by the hardware'),
    },
    memoryBandwidth: inferenceXTable(bytesPerSecond(3.35e12), 'early tables have 3.0e12 to 3.07e12'),
    memoryCapacity: configurator(bytes(80 * 2 ** 30)),
    scaleUpPerDirection: inferenceXTable(bytesPerSecond(4.5e11), 'NVLink'),
    scaleUpDomain: inferenceXTable(8),
    nicPerAcceleratorPerDirection: configurator(bytesPerSecond(5e10), '8 x 400 Gbps per server'),
    acceleratorsPerServer: configurator(8),
    computeUnits: from(measured('H100 80GB HBM3 SXM, device query'))(132),
    architecture: label('hopper'),
    usdPerHour: priced(runPodSecure),
  },
  [
    runPodSecure,
    listPrice(3.29, 'RunPod Secure', '2026-08-19', privum),
    listPrice(3.99, 'Lambda, 8 x H100', '2026-09-25', silybench),
    listPrice(3.2, 'Hyperstack', '2026-08-26', hyperstackPlans),
    listPrice(6.155, 'CoreWeave (49.24 per 8)', '2026-09-20', coreWeavePlans),
    listPrice(6.88, 'AWS p5.48xlarge us-east-1 (55.04 per 8)', '2026-11-09', dataReceipts),
    listPrice(12.29, 'Azure ND96isr_H100_v5', '2026-11-09', dataReceipts),
    ownershipCost(1.3, 'SemiAnalysis TCO, hyperscaler ownership', '2026-04-03', semiAnalysisCost),
    ownershipCost(1.69, 'SemiAnalysis TCO, neocloud ownership', '2026-04-03', semiAnalysisCost),
  ],
);
