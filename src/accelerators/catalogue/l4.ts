import { from } from '../../provenance/sourced.ts';
import { bytes, bytesPerSecond, flopPerSecond } from '../../units/quantity.ts';
import { entry, listPrice, named, priced } from '../entry.ts';
import { aiconfigurator, dayOneTable, derived, label, pcieLineRate, recalled } from '../sources.ts';

const configurator = from(aiconfigurator('l4'));

const runPodSecure = listPrice(0.49, 'RunPod Secure', '2026-09-22', dayOneTable);

export const l4 = entry(
  {
    ...named('l4', 'NVIDIA L4 24GB', 'NVIDIA'),
    peak: {
      bf16: configurator(flopPerSecond(1.21e14), '2.42e14 is sparse'),
      fp8: configurator(flopPerSecond(2.42e14), '4.85e14 is sparse'),
      int8: configurator(flopPerSecond(2.42e14), '4.85e14 is sparse'),
      fp4: from(recalled)(null, 'not supported by the hardware'),
    },
    memoryBandwidth: configurator(bytesPerSecond(3e11)),
    memoryCapacity: configurator(bytes(24 * 2 ** 30)),
    scaleUpPerDirection: from(pcieLineRate('16'))(bytesPerSecond(3.15e10), 'PCIe 4.0 x16, no NVLink'),
    scaleUpDomain: configurator(8, 'an estimated system'),
    nicPerAcceleratorPerDirection: configurator(bytesPerSecond(2.5e10), '200 Gbps per accelerator is an assumption of that file, not a usual server'),
    acceleratorsPerServer: configurator(8, 'an estimated system'),
    computeUnits: from(derived('7,424 cores, 128 of them in a unit'))(58),
    architecture: label('ada'),
    usdPerHour: priced(runPodSecure),
  },
  [runPodSecure, listPrice(0.44, 'RunPod Community', '2026-09-22', dayOneTable)],
);
