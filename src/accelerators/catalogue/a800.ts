import { from } from '../../provenance/sourced.ts';
import { bytes, bytesPerSecond, flopPerSecond } from '../../units/quantity.ts';
import { assumedPrice, entry, named, priced } from '../entry.ts';
import { chiao, derived, label, llmProf, recalled, serversOfEight, siliconCat, step3 } from '../sources.ts';

const table4 = from(step3('Table 4, A800'));

const paperPrice = assumedPrice(0.75, 'public clouds, estimate in the Step-3 paper', '2025-07-25', step3('Table 4, A800'));

const figures = {
  ...named('a800', 'NVIDIA A800 SXM4 80GB', 'NVIDIA'),
  peak: {
    bf16: table4(flopPerSecond(3.12e14)),
    fp8: table4(null, 'N/A in the paper: no FP8 on Ampere'),
    int8: from(llmProf)(flopPerSecond(6.24e14)),
    fp4: from(chiao)(null, 'not supported by the hardware'),
  },
  memoryBandwidth: table4(bytesPerSecond(2e12), 'rounded in the paper; 2.039e12 elsewhere'),
  memoryCapacity: from(chiao)(bytes(80 * 2 ** 30)),
  scaleUpPerDirection: from(derived('half of the 400 GB/s that both directions of NVLink have together'))(bytesPerSecond(2e11)),
  scaleUpDomain: from(recalled)(8),
  nicPerAcceleratorPerDirection: from(step3('section 5.4'))(bytesPerSecond(2.5e10), '8 x 200 Gbps per server, one for each accelerator'),
  acceleratorsPerServer: from(serversOfEight)(8),
  computeUnits: from(siliconCat)(108, 'of the 40 GB card, the same GA100'),
  architecture: label('ampere'),
  usdPerHour: priced(paperPrice),
};

export const a800 = entry(figures, [paperPrice]);

export const a800Datasheet = entry(
  {
    ...figures,
    ...named('a800:datasheet', 'NVIDIA A800 SXM4 80GB (bandwidth as on the datasheet)', 'NVIDIA', 'a800'),
    memoryBandwidth: from(llmProf)(bytesPerSecond(2.039e12), 'the memory of the A100'),
  },
  [paperPrice],
);
