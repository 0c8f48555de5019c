import { from } from '../../provenance/sourced.ts';
import { bytes, bytesPerSecond, flopPerSecond } from '../../units/quantity.ts';
import { entry, named } from '../entry.ts';
import { chiao, label, llmProf, msModelingNvidia, pcieLineRate, recalled, step3, topCpu } from '../sources.ts';

const section6 = from(step3('section 6'));

export const l20 = entry(
  {
    ...named('l20', 'NVIDIA L20 48GB', 'NVIDIA'),
    peak: {
      bf16: from(llmProf)(flopPerSecond(1.195e14), 'half-rate tensor cores: do not scale the L40S by cores'),
      fp8: from(msModelingNvidia)(flopPerSecond(2.39e14)),
      int8: from(chiao)(flopPerSecond(2.39e14)),
      fp4: from(recalled)(null, 'not supported by the hardware'),
    },
    memoryBandwidth: section6(bytesPerSecond(8.64e11)),
    memoryCapacity: from(chiao)(bytes(48 * 2 ** 30)),
    scaleUpPerDirection: from(pcieLineRate('16'))(bytesPerSecond(3.15e10), 'PCIe 4.0 x16, no NVLink'),
    scaleUpDomain: section6(8),
    nicPerAcceleratorPerDirection: section6(bytesPerSecond(1.25e10), '4 x 200 Gbps shared by 8 accelerators, what the paper says suffices'),
    acceleratorsPerServer: section6(8),
    computeUnits: from(topCpu)(92),
    architecture: label('ada'),
    usdPerHour: from({ kind: 'assumed', because: 'no price in USD was found' })(null),
  },
  [],
);
