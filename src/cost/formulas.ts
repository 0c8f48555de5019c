import { formula } from '../provenance/card.ts';

const paper = (at: string) => ({ kind: 'paper', id: 'arXiv:2507.19427v1', at }) as const;
const section43 = paper('section 4.3 and Table 6');
const symbols = {
  flop: { unit: 'FLOP', meaning: 'work per token', tex: 'F' },
  coreFlop: { unit: 'FLOP', meaning: 'core attention work per token', tex: 'F_{core}' },
  coreBytes: { unit: 'B', meaning: 'KV and state bytes moved per token', tex: 'M_{kv}' },
  usdPerFlop: { unit: 'USD/FLOP', meaning: 'price of one FLOP', tex: 'u_F' },
  usdPerByte: { unit: 'USD/B', meaning: 'price of one byte of memory traffic', tex: 'u_B' },
  coreUsd: { unit: 'USD', meaning: 'core attention cost per token', tex: 'c_{core}' },
  linearUsd: { unit: 'USD', meaning: 'projection cost per token', tex: 'c_{lin}' },
  weightBytes: { unit: 'B', meaning: 'weight bytes read in one step', tex: 'M_w' },
  batch: { unit: '1', meaning: 'sequences that share the step', tex: 'B' },
} as const;

/** Core attention of one token: the dearer of its work and its memory traffic. */
export const attentionCoreUsd = formula({
  id: 'cost/attention-core-usd',
  name: 'Core attention cost of one token',
  symbols: { coreFlop: symbols.coreFlop, coreBytes: symbols.coreBytes, usdPerFlop: symbols.usdPerFlop, usdPerByte: symbols.usdPerByte },
  expression: 'max(coreFlop * usdPerFlop, coreBytes * usdPerByte)',
  unit: 'USD',
  evaluate: ({ coreFlop, coreBytes, usdPerFlop, usdPerByte }) => Math.max(coreFlop * usdPerFlop, coreBytes * usdPerByte),
  source: section43,
});

/** Matrix multiplies of one token at an ideal batch: weights are read for so many tokens that only work costs. */
export const gemmUsd = formula({
  id: 'cost/gemm-usd',
  name: 'Matrix-multiply cost of one token (ideal batch)',
  symbols: { flop: symbols.flop, usdPerFlop: symbols.usdPerFlop },
  expression: 'flop * usdPerFlop',
  unit: 'USD',
  evaluate: ({ flop, usdPerFlop }) => flop * usdPerFlop,
  source: section43,
});

/** Matrix multiplies of one token in a step of `batch` sequences: the dearer of its work and its share of the weights. */
export const batchedGemmUsd = formula({
  id: 'cost/batched-gemm-usd',
  name: 'Matrix-multiply cost of one token in a batch',
  symbols: { flop: symbols.flop, usdPerFlop: symbols.usdPerFlop, weightBytes: symbols.weightBytes, usdPerByte: symbols.usdPerByte, batch: symbols.batch },
  expression: 'max(flop * usdPerFlop, weightBytes / batch * usdPerByte)',
  unit: 'USD',
  evaluate: ({ flop, usdPerFlop, weightBytes, usdPerByte, batch }) => Math.max(flop * usdPerFlop, (weightBytes / batch) * usdPerByte),
  source: { kind: 'derived', from: 'roofline of the matrix multiply with its weights read once a step' },
});

/** Attention cost of a million tokens. */
export const attentionUsdPerMtok = formula({
  id: 'cost/attention-usd-per-mtok',
  name: 'Attention cost of a million tokens',
  symbols: { coreUsd: symbols.coreUsd, linearUsd: symbols.linearUsd },
  expression: '1000000 * (coreUsd + linearUsd)',
  unit: 'USD',
  evaluate: ({ coreUsd, linearUsd }) => 1e6 * (coreUsd + linearUsd),
  source: section43,
});

/** Cost of a million tokens of a part that is all matrix multiplies (feed-forward, head). */
export const partUsdPerMtok = formula({
  id: 'cost/part-usd-per-mtok',
  name: 'Cost of a million tokens of one part',
  symbols: { partUsd: { unit: 'USD', meaning: 'cost of the part per token', tex: 'c' } },
  expression: '1000000 * partUsd',
  unit: 'USD',
  evaluate: ({ partUsd }) => 1e6 * partUsd,
  source: section43,
});

/** Decoding cost of a million tokens. */
export const totalUsdPerMtok = formula({
  id: 'cost/total-usd-per-mtok',
  name: 'Cost of a million tokens',
  symbols: {
    attention: { unit: 'USD', meaning: 'attention cost of a million tokens', tex: 'C_{attn}' },
    ffn: { unit: 'USD', meaning: 'feed-forward cost of a million tokens', tex: 'C_{ffn}' },
    head: { unit: 'USD', meaning: 'LM head cost of a million tokens; 0 where it is not counted', tex: 'C_{head}' },
  },
  expression: 'attention + ffn + head',
  unit: 'USD',
  evaluate: ({ attention, ffn, head }) => attention + ffn + head,
  source: section43,
});

/** Training cost of a million tokens at full utilisation: forward and backward are three forward passes. */
export const trainingUsdPerMtok = formula({
  id: 'cost/training-usd-per-mtok',
  name: 'Training cost of a million tokens',
  symbols: {
    coreUsd: { unit: 'USD', meaning: 'core attention work per token, attending the whole context', tex: 'c_{core}' },
    linearUsd: symbols.linearUsd,
    ffnUsd: { unit: 'USD', meaning: 'feed-forward work per token', tex: 'c_{ffn}' },
    headUsd: { unit: 'USD', meaning: 'LM head work per token; 0 where it is not counted', tex: 'c_{head}' },
  },
  expression: '1000000 * 3 * (coreUsd + linearUsd + ffnUsd + headUsd)',
  unit: 'USD',
  evaluate: ({ coreUsd, linearUsd, ffnUsd, headUsd }) => 1e6 * 3 * (coreUsd + linearUsd + ffnUsd + headUsd),
  source: paper('Figure 4 (100 % utilisation, attention in full, not halved for causality)'),
});

/** Tokens that one decoding step yields when `draftTokens` are proposed and each is accepted with the same probability. */
export const mtpTokensPerStep = formula({
  id: 'cost/mtp-tokens-per-step',
  name: 'Expected tokens of a step with multi-token prediction',
  symbols: {
    acceptance: { unit: '1', meaning: 'probability that a draft token is accepted, given that those before it were', tex: 'a' },
    draftTokens: { unit: '1', meaning: 'draft tokens per step', tex: 'd' },
  },
  expression: 'sum(i, 0, draftTokens, acceptance ^ i)',
  unit: '1',
  evaluate: ({ acceptance, draftTokens }) => {
    let tokens = 0;
    for (let i = 0; i <= draftTokens; i++) tokens += acceptance ** i;
    return tokens;
  },
  source: { kind: 'paper', id: 'arXiv:2211.17192', at: 'equation 1 (expected number of generated tokens)' },
});
