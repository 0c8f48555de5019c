import { from } from '../../provenance/sourced.ts';
import { bytes, bytesPerSecond, flopPerSecond } from '../../units/quantity.ts';
import { assumedPrice, entry, named, priced } from '../entry.ts';
import { chiao, inferSim, label, llmCal, recalled, serversOfEight, step3 } from '../sources.ts';

const table4 = from(step3('Table 4, H20'));

const paperPrice = assumedPrice(0.8, 'public clouds, estimate in the Step-3 paper', '2025-07-25', step3('Table 4, H20'));

export const h20 = entry(
  {
    ...named('h20', 'NVIDIA H20 SXM5 96GB', 'NVIDIA'),
    peak: {
      bf16: table4(flopPerSecond(1.48e14), 'capped for export: do not scale by cores and clock'),
      fp8: table4(flopPerSecond(2.96e14)),
      int8: from(chiao)(flopPerSecond(2.96e14)),
      fp4: from(llmCal)(null, 'not supported by the hardware'),
    },
    memoryBandwidth: table4(bytesPerSecond(4e12), '4.022e12 and 4.096e12 are also in use'),
    memoryCapacity: from(chiao)(bytes(96 * 2 ** 30)),
    scaleUpPerDirection: from(inferSim)(bytesPerSecond(4.5e11), 'NVLink, not cut'),
    scaleUpDomain: from(recalled)(8),
    nicPerAcceleratorPerDirection: from(step3('section 5.4'))(bytesPerSecond(5e10), '8 x 400 Gbps per server, one for each accelerator; servers with 4 exist'),
    acceleratorsPerServer: from(serversOfEight)(8),
    computeUnits: from(inferSim)(78),
    architecture: label('hopper'),
    usdPerHour: priced(paperPrice),
  },
  [paperPrice],
);
