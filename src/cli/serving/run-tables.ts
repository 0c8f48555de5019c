import type { Slo } from '../../serving/disaggregation/attainment.ts';
import type { Phases, RunSummary, Spread } from '../../serving/disaggregation/summary.ts';
import { significant } from '../../units/format.ts';
import { duration } from '../output/duration.ts';
import type { TextTable } from '../output/text-table.ts';

/** A run of a model on a placement. */
export interface Run extends RunSummary {
  readonly model: string;
  readonly estimator: string;
  readonly placement: string;
  readonly chips: number;
  readonly slo: Slo;
  readonly notes: readonly string[];
}

const percent = (share: number): string => `${significant(100 * share, 4)} %`;

/** What a run came to. */
export function runTable({ model, placement, chips, requests, span, makespan, outputTokensPerSecond, slo, attainment, putOut, notes }: Run): TextTable {
  const lines: readonly (readonly [string, string])[] = [
    ['requests', `${requests}, arriving over ${duration(span)}, the last token after ${duration(makespan)}`],
    [`keep both times (${slo.ttft} s, ${slo.tpot} s)`, percent(attainment.both)],
    ['keep time to first token', percent(attainment.ttft)],
    ['keep time per output token', percent(attainment.tpot)],
    ['output', `${significant(outputTokensPerSecond, 4)} tokens/s, ${significant(outputTokensPerSecond / chips, 4)} of each of ${chips} chips`],
    ['put out for want of memory', `${putOut} times`],
  ];
  return { title: `${model} on ${placement}`, columns: [{ header: '' }, { header: '' }], rows: lines, notes };
}

const PHASES: Readonly<Record<keyof Phases, string>> = {
  encodeQueue: 'waits to be encoded',
  encode: 'is encoded',
  prefillQueue: 'waits for prefill',
  prefill: 'prefill',
  transfer: 'waits for its KV cache',
  decodeQueue: 'waits for decode',
  decode: 'decode',
};

/** Times of the requests of a run, and where they go. */
export function timesTable({ ttft, tpot, phases }: RunSummary): TextTable {
  const ms = (seconds: number): string => significant(1e3 * seconds, 4);
  const cells = (name: string, { mean, p50, p90, p99 }: Spread): readonly string[] => [name, ...[mean, p50, p90, p99].map(ms)];
  const group = { number: true, group: 'ms' };
  return {
    columns: [{ header: '' }, { header: 'mean', ...group }, { header: 'p50', ...group }, { header: 'p90', ...group }, { header: 'p99', ...group }],
    rows: [
      cells('time to first token', ttft),
      cells('time per output token', tpot),
      ...(Object.entries(phases) as [keyof Phases, number][]).map(([phase, seconds]) => [PHASES[phase], ms(seconds), '', '', '']),
    ],
    notes: ['time per output token: from the first token to the last, over the tokens after the first; --format csv prints every request'],
  };
}
