import { formula } from '../provenance/card.ts';

const paper = (at: string) => ({ kind: 'paper', id: 'arXiv:2507.19427v1', at }) as const;
const peak = { unit: 'FLOP/s', meaning: 'dense peak of the chip in the format of the arithmetic', tex: 'P' } as const;
const bandwidth = { unit: 'B/s', meaning: 'memory bandwidth of the chip', tex: '\\beta' } as const;

export type Bound = 'compute' | 'memory';

/** Work per byte at which a chip's compute and memory take equally long. */
export const ridgePoint = formula({
  id: 'roofline/ridge-point',
  name: 'Ridge point of a chip',
  symbols: { peak, memoryBandwidth: bandwidth },
  expression: 'peak / memoryBandwidth',
  unit: 'FLOP/B',
  evaluate: ({ peak, memoryBandwidth }) => peak / memoryBandwidth,
  source: paper('Table 4, column "roofline"'),
});

/** Work per byte moved. */
export const arithmeticIntensity = formula({
  id: 'roofline/arithmetic-intensity',
  name: 'Arithmetic intensity',
  symbols: { flop: { unit: 'FLOP', meaning: 'work', tex: 'F' }, bytes: { unit: 'B', meaning: 'bytes moved', tex: 'M' } },
  expression: 'flop / bytes',
  unit: 'FLOP/B',
  evaluate: ({ flop, bytes }) => flop / bytes,
  source: paper('section 5.1 and Figure 5'),
});

/** Lower bound of the time of an operator: the larger of its compute and memory time; both overlap completely. */
export const rooflineTime = formula({
  id: 'roofline/time',
  name: 'Roofline time bound',
  symbols: { flop: { unit: 'FLOP', meaning: 'work', tex: 'F' }, bytes: { unit: 'B', meaning: 'bytes moved', tex: 'M' }, peak, memoryBandwidth: bandwidth },
  expression: 'max(flop / peak, bytes / memoryBandwidth)',
  unit: 's',
  evaluate: ({ flop, bytes, peak, memoryBandwidth }) => Math.max(flop / peak, bytes / memoryBandwidth),
  source: { kind: 'paper', id: 'doi:10.1145/1498765.1498785', at: 'Williams et al., the roofline model' },
});

/** Share of the peak that the required work reaches. */
export const mfu = formula({
  id: 'roofline/mfu',
  name: 'Model FLOP utilisation',
  symbols: { flop: { unit: 'FLOP', meaning: 'required work', tex: 'F' }, peak, time: { unit: 's', meaning: 'time taken', tex: 't' } },
  expression: 'flop / (peak * time)',
  unit: '1',
  evaluate: ({ flop, peak, time }) => flop / (peak * time),
  source: { kind: 'paper', id: 'arXiv:2204.02311', at: 'section 4.1' },
});

/** Share of the bandwidth that the required bytes reach. */
export const mbu = formula({
  id: 'roofline/mbu',
  name: 'Model bandwidth utilisation',
  symbols: { bytes: { unit: 'B', meaning: 'weight and KV bytes of a step', tex: 'M' }, memoryBandwidth: bandwidth, time: { unit: 's', meaning: 'time taken', tex: 't' } },
  expression: 'bytes / (memoryBandwidth * time)',
  unit: '1',
  evaluate: ({ bytes, memoryBandwidth, time }) => bytes / (memoryBandwidth * time),
  source: { kind: 'datasheet', title: 'Databricks, LLM Inference Performance Engineering: Best Practices (definition of MBU)', read: '2026-11-23' },
});

/**
 * Smallest MoE activation ratio at which the experts' ideal batch still fits through the network in its stage of an
 * attention-FFN pipeline: 3 H bytes per token (8-bit dispatch, 16-bit combine) and B = P / (2 beta S).
 */
export const minActivationRatio = formula({
  id: 'roofline/min-activation-ratio',
  name: 'Smallest MoE activation ratio that the network allows',
  symbols: {
    hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' },
    layers: { unit: '1', meaning: 'layers', tex: 'L' },
    peak,
    memoryBandwidth: bandwidth,
    networkBandwidth: { unit: 'B/s', meaning: 'network bandwidth of a server', tex: 'N' },
    stageTime: { unit: 's', meaning: 'time of the network stage, all layers', tex: 't_s' },
  },
  expression: '3 [B] * hidden * layers * peak / (2 [FLOP/B] * networkBandwidth * memoryBandwidth * stageTime)',
  unit: '1',
  evaluate: ({ hidden, layers, peak, memoryBandwidth, networkBandwidth, stageTime }) => (3 * hidden * layers * peak) / (2 * networkBandwidth * memoryBandwidth * stageTime),
  source: paper('section 5.4 and Table 7'),
});
