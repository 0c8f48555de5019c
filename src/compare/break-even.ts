import { usdPerHour } from '../units/quantity.ts';
import { type Candidate, type ContextQuery, costAtContext } from './candidate.ts';

/**
 * The price of a candidate's chip, in USD per hour, at which it costs as much as another candidate at a context: cheaper below,
 * dearer above. Cost is proportional to price, so it is exact; the chip's own price does not matter and may be unknown.
 *   price = cost of the other / cost of the candidate at 1 USD/h
 * @throws RangeError when the other's chip has no price, or the candidate costs nothing at any price (a part that is not counted)
 */
export function breakEvenPrice(candidate: Candidate, other: Candidate, query: ContextQuery): number {
  const perDollar = costPerDollar(candidate, query);
  if (perDollar === 0) throw new RangeError(`break-even: part ${query.part ?? 'total'} of ${candidate.model.id} costs nothing at any price`);
  return costAtContext(other, query) / perDollar;
}

/** Ratios of two prices, both ends excluded. */
export interface PriceRatios {
  readonly from: number;
  readonly to: number;
}

/** Attention on one chip, feed-forward on another. */
export interface Disaggregation {
  readonly model: Candidate['model'];
  readonly attention: Candidate['accelerator'];
  readonly ffn: Candidate['accelerator'];
}

/**
 * When attention-FFN disaggregation pays: the ratios r = price of the attention chip / price of the FFN chip at which the pair
 * is cheaper than either chip alone, at a context; the head runs beside the FFN, on the chip where that is cheaper. With costs per dollar
 * of price (a, f, h: attention, FFN, head; A, F: the chips)
 *   pair              a_A r + f_F + h_F
 *   FFN chip alone    a_F + f_F + h_F                 r < a_F / a_A
 *   attention alone   (a_A + f_A + h_A) r             r > max((f_F + h_F) / (f_A + h_A), f_F / f_A)
 * Null when no ratio does. Neither chip's own price matters. Ignored: communication, as in the rows `afd:` of a cost table.
 */
export function disaggregationPriceRatios({ model, attention, ffn }: Disaggregation, query: Omit<ContextQuery, 'part'>): PriceRatios | null {
  const perDollar = (accelerator: Candidate['accelerator']) => {
    const part = (part: 'attention' | 'ffn' | 'head'): number => costPerDollar({ model, accelerator }, { ...query, part });
    return { a: part('attention'), f: part('ffn'), h: part('head') };
  };
  const A = perDollar(attention);
  const F = perDollar(ffn);
  const to = F.a / A.a;
  const from = Math.max((F.f + F.h) / (A.f + A.h), F.f / A.f);
  return from < to ? { from, to } : null;
}

const costPerDollar = ({ model, accelerator }: Candidate, query: ContextQuery): number => costAtContext({ model, accelerator: { ...accelerator, usdPerHour: usdPerHour(1) } }, query);
