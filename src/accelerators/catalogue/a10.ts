import { from } from '../../provenance/sourced.ts';
import { bytes, bytesPerSecond, flopPerSecond } from '../../units/quantity.ts';
import { entry, listPrice, named, priced } from '../entry.ts';
import { baseten, chiao, label, pcieLineRate, silybench, sysRqmts } from '../sources.ts';

const table = from(chiao);
const noUsualServer = from({ kind: 'assumed', because: 'no usual server was found; 8 cards, as the servers of L4 and L20 have' });

const lambda = listPrice(1.29, 'Lambda, 1 x A10', '2026-09-25', silybench);

export const a10 = entry(
  {
    ...named('a10', 'NVIDIA A10 24GB', 'NVIDIA'),
    peak: {
      bf16: table(flopPerSecond(1.25e14), 'the A10G of AWS is another part, with a lower peak'),
      fp8: table(null, 'no FP8 on Ampere'),
      int8: table(flopPerSecond(2.5e14)),
      fp4: table(null, 'not supported by the hardware'),
    },
    memoryBandwidth: from(baseten)(bytesPerSecond(6e11)),
    memoryCapacity: from(baseten)(bytes(24 * 2 ** 30)),
    scaleUpPerDirection: from(pcieLineRate('16'))(bytesPerSecond(3.15e10), 'PCIe 4.0 x16, no NVLink'),
    scaleUpDomain: noUsualServer(8),
    nicPerAcceleratorPerDirection: from({ kind: 'assumed', because: 'no usual server was found' })(null),
    acceleratorsPerServer: noUsualServer(8),
    computeUnits: from(sysRqmts)(72),
    architecture: label('ampere'),
    usdPerHour: priced(lambda),
  },
  [lambda],
);
