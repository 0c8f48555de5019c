import { from } from '../../provenance/sourced.ts';
import { bytes, bytesPerSecond, flopPerSecond } from '../../units/quantity.ts';
import { assumedPrice, entry, named, priced } from '../entry.ts';
import { chiao, deepseekInference, deepseekInsights, inferSim, label, llmCal, llmProf, step3 } from '../sources.ts';

const table4 = from(step3('Table 4, H800'));
const insights = from(deepseekInsights('section 4.3'));

const paperPrice = assumedPrice(2, 'public clouds, estimate in the Step-3 paper', '2025-07-25', step3('Table 4, H800'));
const prices = [
  paperPrice,
  assumedPrice(2, 'DeepSeek, assumed leasing cost', '2025-02-28', deepseekInference),
  assumedPrice(2, 'DeepSeek-V3 report, assumed rental price', '2024-12-27', { kind: 'paper', id: 'arXiv:2412.19437', at: 'Table 1' }),
];

const figures = {
  ...named('h800', 'NVIDIA H800 SXM5 80GB', 'NVIDIA'),
  peak: {
    bf16: table4(flopPerSecond(9.89e14)),
    fp8: table4(flopPerSecond(1.98e15), 'rounded in the paper; 1.979e15 elsewhere'),
    int8: from(llmProf)(flopPerSecond(1.979e15)),
    fp4: from(llmCal)(null, 'not supported by the hardware'),
  },
  memoryBandwidth: table4(bytesPerSecond(3.35e12), 'InferSim has 3.43e12'),
  memoryCapacity: from(chiao)(bytes(80 * 2 ** 30)),
  scaleUpPerDirection: insights(bytesPerSecond(2e11), 'NVLink; about 1.6e11 achieved'),
  scaleUpDomain: insights(8),
  nicPerAcceleratorPerDirection: from(step3('section 5.4'))(bytesPerSecond(5e10), '8 x 400 Gbps per server, one for each accelerator'),
  acceleratorsPerServer: from(step3('Table 8'))(8, 'attention and FFN instances of 8'),
  computeUnits: from(inferSim)(132),
  architecture: label('hopper'),
  usdPerHour: priced(paperPrice),
};

export const h800 = entry(figures, prices);

export const h800Datasheet = entry(
  { ...figures, ...named('h800:datasheet', 'NVIDIA H800 SXM5 80GB (FP8 as on the datasheet)', 'NVIDIA', 'h800'), peak: { ...figures.peak, fp8: from(inferSim)(flopPerSecond(1.979e15)) } },
  prices,
);
