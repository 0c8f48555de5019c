import { expertsHit } from '../layers/moe.ts';
import type { Bound } from '../roofline/roofline.ts';
import type { CompiledModel, GemmTerm } from './compile.ts';
import { attentionCoreUsd, attentionUsdPerMtok, batchedGemmUsd, gemmUsd, partUsdPerMtok, totalUsdPerMtok } from './formulas.ts';
import type { UnitCosts } from './unit-cost.ts';

/**
 * Work, traffic and cost at one context length. Decode: work and bytes of one decoded token. Prefill: work and bytes of one
 * prompt of `contextLength` tokens, and cost per million prompt tokens.
 */
export interface CostPoint {
  readonly contextLength: number;
  readonly kvBytesRead: number;
  readonly attentionFlop: number;
  readonly linearFlop: number;
  readonly ffnFlop: number;
  readonly headFlop: number;
  readonly attentionUsdPerMtok: number;
  readonly ffnUsdPerMtok: number;
  readonly headUsdPerMtok: number;
  readonly totalUsdPerMtok: number;
  /** what the attention cores wait for in all: the dearer of their work and their traffic; compute where both cost the same */
  readonly bound: Bound;
}

/**
 * Cost of a compiled model on a chip at one context length.
 *   attention = 1e6 (sum over cores of max(F u_F, M u_B) + F_linear u_F);  ffn, head = 1e6 F u_F
 * With `batch`, weights are charged: each matrix multiply costs max(F u_F, its share of the weight bytes x u_B).
 * Ignored: communication, embedding lookup, element-wise work.
 * `bound` compares the sums over all cores, also where the maximum is taken for each.
 * @throws RangeError when `contextLength` or `batch` is not a positive integer
 */
export function costAt(compiled: CompiledModel, costs: UnitCosts, contextLength: number, batch?: number): CostPoint {
  if (!Number.isSafeInteger(contextLength) || contextLength < 1) throw new RangeError(`cost: contextLength ${contextLength} is not a positive integer`);
  const { cores } = compiled;
  let coreUsd = 0;
  let flopUsd = 0;
  let byteUsd = 0;
  for (let i = 0; i < cores.length; i++) {
    const core = cores[i] as (typeof cores)[number];
    const coreFlop = core.flop.evaluate(contextLength);
    const coreBytes = core.bytes.evaluate(contextLength);
    flopUsd += coreFlop * costs.attention;
    byteUsd += coreBytes * costs.byte;
    coreUsd += attentionCoreUsd.evaluate({ coreFlop, coreBytes, usdPerFlop: costs.attention, usdPerByte: costs.byte });
  }
  const linearFlop = compiled.linearFlop.evaluate(contextLength);
  const ffnFlop = compiled.ffnFlop.evaluate(contextLength);
  const headFlop = compiled.headFlop.evaluate(contextLength);
  const gemm = (part: GemmTerm['part'], flop: number): number => (batch === undefined ? gemmUsd.evaluate({ flop, usdPerFlop: costs[part] }) : batchedPart(compiled, costs, contextLength, batch, part));
  const tokens = compiled.phase === 'decode' ? 1 : contextLength;
  const attention = attentionUsdPerMtok.evaluate({ coreUsd: coreUsd / tokens, linearUsd: gemm('linear', linearFlop) / tokens });
  const ffn = partUsdPerMtok.evaluate({ partUsd: gemm('ffn', ffnFlop) / tokens });
  const head = partUsdPerMtok.evaluate({ partUsd: gemm('head', headFlop) / tokens });
  return {
    contextLength,
    kvBytesRead: compiled.kvBytesRead.evaluate(contextLength),
    attentionFlop: compiled.coreFlop.evaluate(contextLength),
    linearFlop,
    ffnFlop,
    headFlop,
    attentionUsdPerMtok: attention,
    ffnUsdPerMtok: ffn,
    headUsdPerMtok: head,
    totalUsdPerMtok: totalUsdPerMtok.evaluate({ attention, ffn, head }),
    bound: flopUsd >= byteUsd ? 'compute' : 'memory',
  };
}

/** Weight bytes that a step of `tokens` tokens reads for one matrix multiply. */
export function weightBytesRead(term: Pick<GemmTerm, 'weightBytes' | 'scales'>, tokens: number): number {
  const { weightBytes, scales } = term;
  if (scales.kind !== 'perExpertHit') return weightBytes;
  const { experts, activeExperts } = scales;
  return (weightBytes * expertsHit.evaluate({ experts, activeExperts, tokens })) / experts;
}

function batchedPart(compiled: CompiledModel, costs: UnitCosts, contextLength: number, batch: number, part: GemmTerm['part']): number {
  if (!Number.isSafeInteger(batch) || batch < 1) throw new RangeError(`cost: batch ${batch} is not a positive integer`);
  const tokens = compiled.phase === 'decode' ? batch : batch * contextLength;
  const terms = compiled.gemms.filter((term) => term.part === part);
  const cost = (flop: number, bytes: number): number => batchedGemmUsd.evaluate({ flop, weightBytes: bytes, usdPerFlop: costs[part], usdPerByte: costs.byte, batch });
  if (compiled.counting.perOperatorRoofline) return terms.reduce((sum, term) => sum + cost(term.flop.evaluate(contextLength), weightBytesRead(term, tokens)), 0);
  return cost(
    terms.reduce((sum, term) => sum + term.flop.evaluate(contextLength), 0),
    terms.reduce((sum, term) => sum + weightBytesRead(term, tokens), 0),
  );
}
