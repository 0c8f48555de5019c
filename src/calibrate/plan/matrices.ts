import { type Calibration, math, on, pick } from './calibration.ts';

/** Dense and grouped matrix multiplies. */
export const matrices: readonly Calibration[] = [
  {
    id: 'gemm-h100',
    family: 'gemm',
    accelerators: ['h100'],
    mathBits: 16,
    launchedFrom: 'graph',
    measurements: ({ h100Gemm }) => h100Gemm.filter(math('bf16')),
    start: { launch: 2.5e-6, stepTime: 0.042e-6, tileTime: 0.7e-6, computeShare: 0.77, memoryShare: 0.95 },
    leftOut: 'a matrix',
  },
  {
    id: 'gemm-h100-fp8',
    family: 'gemm',
    accelerators: ['h100'],
    mathBits: 8,
    launchedFrom: 'graph',
    measurements: ({ h100Gemm }) => h100Gemm.filter(math('fp8')),
    start: { launch: 2.5e-6, computeShare: 0.74 },
    fixed: (fitted) => pick(fitted('gemm-h100'), ['stepTime', 'tileTime', 'memoryShare']),
    because: 'the same library as in 16 bit',
    leftOut: 'a matrix',
  },
  {
    id: 'gemm-h100-block-scaled',
    family: 'gemm/block-scaled',
    accelerators: ['h100'],
    mathBits: 8,
    launchedFrom: 'host',
    measurements: ({ blockScaledGemm }) => blockScaledGemm,
    start: { launch: 4.6e-6, computeShare: 0.55, memoryShare: 0.9 },
    fixed: (fitted) => pick(fitted('gemm-h100'), ['stepTime', 'tileTime']),
    because: 'multiplied on the same units as without block scales',
    leftOut: 'a matrix',
  },
  ...(
    [
      ['h800', 0.73],
      ['h20', 0.94],
    ] as const
  ).map(
    ([chip, computeShare]): Calibration => ({
      id: `gemm-${chip}`,
      family: 'gemm',
      accelerators: [chip],
      mathBits: 8,
      launchedFrom: 'host',
      measurements: ({ deepGemm }) => deepGemm.filter(on(chip)),
      start: { launch: 3.8e-6, stepTime: 0.06e-6, computeShare },
      fixed: (fitted) => pick(fitted('gemm-h100'), ['tileTime', 'memoryShare']),
      because: 'measured with another library, on units and memory of the same kind',
      leftOut: 'a matrix',
    }),
  ),
  ...(
    [
      ['h800', 0.66],
      ['h20', 0.89],
    ] as const
  ).map(
    ([chip, computeShare]): Calibration => ({
      id: `grouped-gemm-${chip}`,
      family: 'grouped-gemm',
      accelerators: [chip],
      mathBits: 8,
      launchedFrom: 'host',
      measurements: ({ groupedGemm }) => groupedGemm.filter(on(chip)),
      start: { launch: 8e-6, computeShare, memoryShare: 0.85 },
      leftOut: 'a shape of experts',
    }),
  ),
  {
    id: 'grouped-gemm-h100',
    family: 'grouped-gemm',
    accelerators: ['h100'],
    launchedFrom: 'graph',
    measurements: ({ h100Grouped }) => h100Grouped,
    start: { launch: 8e-6, computeShare: 0.65, memoryShare: 0.94 },
    leftOut: 'a projection',
  },
];
