import { STAGES } from '../../serving/afd/plan.ts';
import { contextLabel, significant } from '../../units/format.ts';
import { duration } from '../output/duration.ts';
import { footnotes } from '../output/footnotes.ts';
import type { Printout } from '../output/print.ts';
import type { TextTable } from '../output/text-table.ts';
import type { AskedRow } from './rows.ts';

const ms = (seconds: number): string => significant(1e3 * seconds, 3);
const missing = '–';
const or = <T>(value: T | null, text: (value: T) => string): string => (value === null ? missing : text(value));
const sides = ({ attentionChip, ffnChip, kind }: AskedRow): string => (kind === 'colocated' ? attentionChip : `${attentionChip} + ${ffnChip}`);

export function afdPrintout(rows: readonly AskedRow[]): Printout {
  return {
    json: rows,
    rows: rows.map(({ stages, ...row }) => ({ ...row, ...Object.fromEntries(STAGES.map((stage) => [`${stage}Seconds`, stages?.[stage] ?? null])) })),
    tables: [plansTable(rows), ...stagesTable(rows), ...infeasibleTable(rows)],
  };
}

function plansTable(rows: readonly AskedRow[]): TextTable {
  const { marks, lines } = footnotes(rows.map(({ notes }) => notes));
  const time = { number: true, group: 'ms per output token' };
  return {
    columns: [
      { header: 'model' },
      { header: 'context', number: true },
      { header: 'within ms', number: true },
      { header: 'kind' },
      { header: 'chips' },
      { header: 'deployment' },
      { header: 'number', number: true },
      { header: 'batch', number: true },
      { header: 'expected', ...time },
      { header: 'low', ...time },
      { header: 'high', ...time },
      { header: 'tokens/s/chip', number: true },
      { header: 'USD/Mtok', number: true },
      { header: 'limited by' },
      { header: 'basis' },
      { header: marks.some((mark) => mark !== '') ? 'see' : '' },
    ],
    rows: rows.map((row, at) => [
      row.model,
      contextLabel(row.context),
      or(row.tpotTarget, ms),
      row.kind,
      sides(row),
      or(row.deployment, String),
      or(row.chips, String),
      or(row.batch, String),
      or(row.tpot, ms),
      or(row.low, ms),
      or(row.high, ms),
      or(row.tokensPerGpuSecond, (value) => significant(value, 4)),
      or(row.usdPerMillionTokens, (value) => significant(value, 3)),
      row.infeasible === null ? (row.binding ?? row.pace ?? missing) : 'infeasible',
      row.basis ?? missing,
      marks[at] ?? '',
    ]),
    notes: ['batch: requests of all replicas in all micro-batches; limited by: what one request more of each replica runs into, or the stage that sets the pace', ...verdicts(rows), ...lines],
  };
}

/** Which of the best two kinds costs less, for each model, context and time. */
function verdicts(rows: readonly AskedRow[]): readonly string[] {
  return [...grouped(rows).values()].flatMap((group) => {
    const best = (kind: AskedRow['kind']): AskedRow | undefined =>
      group.filter((row) => row.kind === kind && row.usdPerMillionTokens !== null && row.infeasible === null).sort((a, b) => cost(a) - cost(b))[0];
    const [apart, together] = [best('disaggregated'), best('colocated')];
    if (apart === undefined || together === undefined) return [];
    const [less, more] = cost(apart) <= cost(together) ? [apart, together] : [together, apart];
    const at = `${less.model} at ${contextLabel(less.context)} within ${ms(less.tpotTarget as number)} ms`;
    return [`${at}: ${less.kind} on ${sides(less)} costs ${(100 * (1 - cost(less) / cost(more))).toFixed(0)} % less than ${more.kind} on ${sides(more)}`];
  });
}

const cost = ({ usdPerMillionTokens }: AskedRow): number => usdPerMillionTokens as number;

function grouped(rows: readonly AskedRow[]): ReadonlyMap<string, readonly AskedRow[]> {
  const groups = new Map<string, AskedRow[]>();
  for (const row of rows) {
    const key = `${row.model} ${row.context} ${row.tpotTarget}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

/** Plans that are split: what each stage takes of a layer, and memory of either side. */
function stagesTable(rows: readonly AskedRow[]): readonly TextTable[] {
  const split = rows.filter(({ stages }) => stages !== null);
  if (split.length === 0) return [];
  const memory = { number: true, group: 'GB of a chip, of usable' };
  const giga = (bytes: number | null, usable: number | null): string => `${((bytes ?? 0) / 1e9).toFixed(1)}/${((usable ?? 0) / 1e9).toFixed(1)}`;
  return [
    {
      title: 'Mean time of each stage of a layer, one micro-batch',
      columns: [
        { header: 'model' },
        { header: 'context', number: true },
        { header: 'chips' },
        { header: 'deployment' },
        { header: 'requests', number: true },
        ...STAGES.map((stage) => ({ header: stage, number: true })),
        { header: 'pace' },
        { header: 'experts' },
        { header: 'attention', ...memory },
        { header: 'ffn', ...memory },
      ],
      rows: split.map((row) => [
        row.model,
        contextLabel(row.context),
        sides(row),
        or(row.deployment, (name) => (row.tensorParallel === 1 ? name : `${name}, TP ${row.tensorParallel}`)),
        or(row.requests, String),
        ...STAGES.map((stage) => duration((row.stages as NonNullable<AskedRow['stages']>)[stage])),
        or(row.pace, String),
        or(row.layout, String),
        giga(row.attentionBytes, row.attentionUsableBytes),
        giga(row.ffnBytes, row.ffnUsableBytes),
      ]),
      notes: ['requests: of one attention replica in a micro-batch; experts: dealt out whole to chips (expert), or each split over the chips of an instance (tensor)'],
    },
  ];
}

function infeasibleTable(rows: readonly AskedRow[]): readonly TextTable[] {
  const none = rows.filter(({ infeasible }) => infeasible !== null);
  if (none.length === 0) return [];
  return [
    {
      title: 'Infeasible',
      columns: [{ header: 'model' }, { header: 'context', number: true }, { header: 'kind' }, { header: 'chips' }, { header: 'because' }],
      rows: none.map((row) => [row.model, contextLabel(row.context), row.kind, sides(row), row.infeasible as string]),
    },
  ];
}
