import type { NumberSpec } from '../../evidence/number.ts';
import { outputCost, placementPrice, requestCost } from '../../serving/disaggregation/cost.ts';
import { placementProcedure } from '../../serving/disaggregation/procedures.ts';
import { derived, ID } from './item.ts';
import { setting } from './settings.ts';
import { TODAY, type TodayRow, todayOutput, todayRows } from './today.ts';

const KINDS = { apart: 'disaggregated', together: 'colocated' } as const;
export type TodayKind = keyof typeof KINDS;

/** The best placement of a model apart or together on chips, `h800` or `h800+h20`; null where none reaches the goal. */
export function todayBest(model: string, kind: TodayKind, on: string): TodayRow | null {
  return todayRows(model).find((row) => row.kind === KINDS[kind] && row.on.join('+') === on && row.rate > 0) ?? null;
}

/** The best placement of a model apart or together on any chips; null where none reaches the goal. */
export const todayCheapest = (model: string, kind: TodayKind): TodayRow | null => todayRows(model).find((row) => row.kind === KINDS[kind] && row.rate > 0) ?? null;

/** `distserve/today/<model>/<apart|together>/<chips>/<what>`. */
export const todayId = (model: string, kind: TodayKind, on: string, what: string): string => `${ID}/today/${model}/${kind}/${on}/${what}`;

/**
 * `distserve/today/<model>/<apart|together>/<chips>/<rate|rate-per-chip|chips|prefill-chips|decode-chips|usd-per-hour|usd-per-request|usd-per-mtok>`: placements of models of
 * today, see `todayRows`; `distserve/today/output`: output tokens of a request.
 */
export function todayNumber([head = '', model = '', kind = '', on = '', what = '', ...rest]: readonly string[]): NumberSpec | null {
  if (head !== 'today' || rest.length > 0) return null;
  if (model === 'output' && kind === '')
    return { kind: 'leaf', label: 'output tokens of a request, in the mean', value: todayOutput(), unit: '1', source: { kind: 'derived', from: 'the first requests of `data/sharegpt`' } };
  if (!(TODAY.models as readonly string[]).includes(model) || !Object.hasOwn(KINDS, kind)) return null;
  const row = todayBest(model, kind as TodayKind, on);
  if (row === null) return null;
  const id = (other: string): string => todayId(model, kind as TodayKind, on, other);
  const where = `${model}, ${kind} on ${on}: ${row.text}`;
  const [decodeOn = '', prefillOn = decodeOn] = [...row.on].reverse();
  const chosen = (label: string, value: number, unit = '1'): NumberSpec => ({
    kind: 'found',
    label: `${label}, ${where}`,
    value,
    unit,
    card: placementProcedure,
    inputs: {
      ttft: setting('ttft', TODAY.slo.ttft),
      tpot: setting('tpot', TODAY.slo.tpot),
      share: setting('share', TODAY.share),
      requests: setting('requests', TODAY.requests),
      leastSeconds: setting('least-seconds', TODAY.leastSeconds),
      batchTokens: setting('batch-tokens', TODAY.batchTokens),
      linkShare: setting('link-share', TODAY.linkShare),
    },
  });
  const decode = row.decodeChips;
  switch (what) {
    case 'rate':
      return chosen('goodput', row.rate, '1/s');
    case 'rate-per-chip':
      return chosen('goodput of a chip', row.ratePerChip, '1/s');
    case 'chips':
      return chosen('chips', row.chips);
    case 'prefill-chips':
      return chosen('prefill chips', row.chips - decode);
    case 'decode-chips':
      return chosen('decode chips', decode);
    case 'usd-per-hour':
      return derived(`price of ${where}`, placementPrice, {
        prefillChips: id('prefill-chips'),
        prefillPrice: `accelerator/${prefillOn}/usdPerHour`,
        decodeChips: id('decode-chips'),
        decodePrice: `accelerator/${decodeOn}/usdPerHour`,
      });
    case 'usd-per-request':
      return derived(`cost of a request, ${where}`, requestCost, { usdPerHour: id('usd-per-hour'), rate: id('rate') });
    case 'usd-per-mtok':
      return derived(`cost of a million output tokens, ${where}`, outputCost, { usdPerRequest: id('usd-per-request'), output: `${ID}/today/output` });
    default:
      return null;
  }
}
