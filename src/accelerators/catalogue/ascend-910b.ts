import { from } from '../../provenance/sourced.ts';
import { bytes, bytesPerSecond, flopPerSecond } from '../../units/quantity.ts';
import { assumedPrice, entry, named, priced } from '../entry.ts';
import { cann, derived, label, llmCal, msModelingAscend, recalled, step3 } from '../sources.ts';

const table4 = from(step3('Table 4, 910B'));
const huaweiTool = from(msModelingAscend);

const paperPrice = assumedPrice(0.67, 'estimate in the Step-3 paper', '2025-07-25', step3('Table 4, 910B'), "derived in the paper in proportion to A800's FLOP/s, 0.75 x 280 / 312; nobody quoted it");

const figures = {
  ...named('ascend-910b', 'Huawei Ascend 910B (B4, 64 GB)', 'Huawei'),
  peak: {
    bf16: table4(flopPerSecond(2.8e14), 'FP16 of cube and vector units together; BF16 runs on the cube units only, at 2.458e14'),
    fp8: table4(null, 'N/A in the paper'),
    int8: huaweiTool(flopPerSecond(5.6e14), 'twice the FP16 figure'),
    fp4: from(recalled)(null, 'not supported by the hardware'),
  },
  memoryBandwidth: table4(bytesPerSecond(1.6e12)),
  memoryCapacity: huaweiTool(bytes(64 * 2 ** 30), 'that the 64 GB part is the one of Table 4 is inferred from its bandwidth'),
  scaleUpPerDirection: huaweiTool(bytesPerSecond(1.96e11), 'HCCS full mesh, 7 peers x 28 GB/s: one pair gets 28 GB/s'),
  scaleUpDomain: huaweiTool(8),
  nicPerAcceleratorPerDirection: from(step3('section 5.4'))(bytesPerSecond(2.5e10), '8 x 200 Gbps per server, one for each accelerator'),
  acceleratorsPerServer: huaweiTool(8),
  computeUnits: from(cann)(20, 'cube cores, beside 40 vector cores'),
  architecture: label('davinci'),
  usdPerHour: priced(paperPrice),
};

export const ascend910b = entry(figures, [paperPrice]);

export const ascend910bB4Bf16 = entry(
  {
    ...figures,
    ...named('ascend-910b:b4-bf16', 'Huawei Ascend 910B (B4, 64 GB; cube units only)', 'Huawei', 'ascend-910b'),
    peak: {
      bf16: huaweiTool(flopPerSecond(2.458e14), '20 cube cores x 16^3 x 2 FLOP x 1.50 GHz'),
      fp8: from(llmCal)(null, 'no FP8 on the 910B family'),
      int8: from(derived('twice the BF16 rate of the cube units, 2 x 20 cores x 16^3 x 2 FLOP x 1.50 GHz'))(flopPerSecond(4.915e14)),
      fp4: figures.peak.fp4,
    },
  },
  [paperPrice],
);
