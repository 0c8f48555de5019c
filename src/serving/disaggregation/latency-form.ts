import { formula } from '../../provenance/card.ts';

const DISTSERVE = (at: string) => ({ kind: 'paper', id: 'arXiv:2401.09670v3', at }) as const;

const hidden = { unit: '1', meaning: 'width of the residual stream', tex: 'h' } as const;
const intermediate = { unit: '1', meaning: 'width of the feed-forward layers', tex: 'm' } as const;
const block = { unit: '1', meaning: 'tokens of a block of the attention kernel, 16 or 32', tex: 'b' } as const;
const fitted = (meaning: string, tex: string) => ({ unit: 's', meaning, tex }) as const;

/**
 * Time of a prefill batch, the form of Appendix A:
 *   T = C_1 (4 t h^2 + 2 t h m) + C_2 (3 h t_2 / b) + C_3   [s]
 * t tokens of the batch, t_2 sum of the squares of its prompt lengths. The first term multiplies t rows with the matrices of a layer (bound by
 * arithmetic), the second moves memory in attention (bound by memory), the third is the host. C_1, C_2 and C_3 are fitted to measured times of one
 * model on one deployment; the paper prints none of them. With tensor parallelism h and m are those of one device.
 * Ignored: the number of layers and stages (part of the constants), embedding and head, exchanges between devices, blocks that are not full.
 */
export const prefillBatchTime = formula({
  id: 'distserve/prefill-time',
  name: 'Time of a prefill batch',
  symbols: {
    gemm: fitted('time per multiply-accumulate of the matrices', 'C_1'),
    attention: fitted('time per memory access of attention', 'C_2'),
    host: fitted('time of the host', 'C_3'),
    tokens: { unit: '1', meaning: 'tokens of the batch', tex: 't' },
    squares: { unit: '1', meaning: 'sum of the squared prompt lengths', tex: 't_2' },
    hidden,
    intermediate,
    block,
  },
  expression: 'gemm * (4 * tokens * hidden^2 + 2 * tokens * hidden * intermediate) + attention * (3 * hidden * squares / block) + host',
  unit: 's',
  evaluate: ({ gemm, attention, host, tokens, squares, hidden, intermediate, block }) =>
    gemm * (4 * tokens * hidden ** 2 + 2 * tokens * hidden * intermediate) + attention * ((3 * hidden * squares) / block) + host,
  source: DISTSERVE('Appendix A.2'),
});

/**
 * Time of a decoding step, the form of Appendix A:
 *   T = C_4 (4 h^2 + 2 h m) + C_5 3 h t   [s]
 * t tokens in the contexts of the batch. The first term reads the matrices of a layer, the second keys and values; both are bound by memory. The host
 * is part of C_4. Constants are fitted and not printed, as those of `prefillBatchTime`.
 * Ignored: requests of the batch (no term grows with them, though their hidden states are moved), layers and stages, embedding and head, exchanges.
 */
export const decodeStepTime = formula({
  id: 'distserve/decode-time',
  name: 'Time of a decoding step',
  symbols: {
    gemm: fitted('time per element of the matrices', 'C_4'),
    attention: fitted('time per memory access of attention', 'C_5'),
    tokens: { unit: '1', meaning: 'tokens in the contexts of the batch', tex: 't' },
    hidden,
    intermediate,
  },
  expression: 'gemm * (4 * hidden^2 + 2 * hidden * intermediate) + attention * 3 * hidden * tokens',
  unit: 's',
  evaluate: ({ gemm, attention, tokens, hidden, intermediate }) => gemm * (4 * hidden ** 2 + 2 * hidden * intermediate) + attention * 3 * hidden * tokens,
  source: DISTSERVE('Appendix A.3'),
});

/** Work per memory access of blocked attention in prefill: 2 s l^2 FLOP over 3 s l (l / b) accesses of a head, which is 2 b / 3 whatever the prompt. */
export const blockedAttentionIntensity = formula({
  id: 'distserve/attention-intensity',
  name: 'Arithmetic intensity of blocked attention',
  symbols: { block },
  expression: '2 [FLOP] * block / 3',
  unit: 'FLOP',
  evaluate: ({ block }) => (2 * block) / 3,
  source: DISTSERVE('Appendix A.2'),
});
