import { REQUEST_STAGES, type RequestStage, type RoleSwitch, type RoleTimelineRow, roleTimeline } from '../../src/chart/index.ts';
import { table6 } from '../../src/papers/epd/data/runs.ts';
import { engineForm } from '../../src/papers/epd/engine-fit.ts';
import { type SwitchRun, switchRun } from '../../src/papers/epd/runs.ts';
import { claim } from '../../src/report/definition.ts';
import type { RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import type { Outcome } from '../../src/serving/disaggregation/outcome.ts';
import { type EpdContext, id, times } from './context.ts';

const RUNS = { fixed: 'Roles stay', 'printed-end': 'Roles switch' } as const satisfies Partial<Record<SwitchRun, string>>;
type Drawn = keyof typeof RUNS;
/** Seconds between two drawn times. */
const STEP = 0.5;

/** When requests come to a stage, and leave it. */
function staysOf({ requests, encoded, firstToken, decodeReady, finish }: Outcome): Readonly<Record<RequestStage, readonly (readonly [number, number])[]>> {
  const pairs = (from: ArrayLike<number>, to: ArrayLike<number>): readonly (readonly [number, number])[] => Array.from({ length: finish.length }, (_, at) => [from[at] as number, to[at] as number]);
  const read = encoded ?? requests.arrival;
  return { encode: pairs(requests.arrival, read), prefill: pairs(read, firstToken), decode: pairs(decodeReady, finish) };
}

const rolesAt = ({ roles }: Outcome, time: number): Readonly<Record<RequestStage, number>> => roles.filter((change) => change.time <= time).at(-1) ?? table6.before;

function rowsOf(panel: string, outcome: Outcome): readonly RoleTimelineRow[] {
  const stays = staysOf(outcome);
  const end = Math.max(...outcome.finish);
  const at = [...new Set([...Array.from({ length: Math.ceil(end / STEP) }, (_, step) => STEP * step), ...outcome.roles.map(({ time }) => time), end])].sort((a, b) => a - b);
  return at.map((seconds) => {
    const { encode, prefill, decode } = rolesAt(outcome, seconds);
    const waiting = Object.fromEntries(REQUEST_STAGES.map((stage) => [stage, stays[stage].filter(([from, to]) => from <= seconds && seconds < to).length])) as Record<RequestStage, number>;
    return { panel, seconds, instances: { encode, prefill, decode }, waiting };
  });
}

/** An instance leaves a role at one change, and takes work in another at the next. */
const switchesOf = (panel: string, { roles }: Outcome): readonly RoleSwitch[] =>
  roles.slice(1).flatMap((change, at): readonly RoleSwitch[] => {
    const before = roles[at] as (typeof roles)[number];
    const next = roles[at + 2];
    const from = REQUEST_STAGES.find((stage) => change[stage] < before[stage]);
    const to = next === undefined ? undefined : REQUEST_STAGES.find((stage) => next[stage] > change[stage]);
    return from === undefined || to === undefined ? [] : [{ panel, seconds: change.time, from, to }];
  });

const table6Block = ({ cells, cite }: EpdContext): TableBlock => {
  const row = (header: string, name: string): RowView => ({
    header,
    cells: Object.fromEntries((['latency', 'ttft', 'tpot'] as const).map((what) => [what, cells.cell(id(`table-6/${name}/${what}`))])),
  });
  return {
    kind: 'table',
    anchor: 'table-6',
    label: 'Table 6',
    caption: 'Mean times with and without role switching',
    rowHeader: 'Run',
    columns: [
      { id: 'latency', header: 'Latency', unit: 's' },
      { id: 'ttft', header: 'First token', unit: 's' },
      { id: 'tpot', header: 'Per further token', unit: 's' },
    ],
    rows: [
      row('Roles switch', 'switching'),
      row('Roles stay', 'fixed'),
      row('Stay over switch', 'ratio'),
      {
        header: 'Switch by the rule alone',
        cells: Object.fromEntries((['latency', 'ttft', 'tpot'] as const).map((what) => [what, cite(`run/engine/table-6/rule/${what}`, (value) => value.toFixed(2))])),
      },
    ],
    note: 'Two constants were fitted to the run whose roles stay; latencies and the run that switches are predicted. Roles switch by a rule that counts all requests at a stage, until they are as the paper has them at the end, which is an input; by the rule alone one more encode worker would leave. The released switcher counts only requests that wait.',
  };
};

/** Role switching: Table 6. */
export function switchingSection(context: EpdContext): SectionView {
  const { cells, slot, peek } = context;
  const outcomes = (Object.keys(RUNS) as Drawn[]).map((run) => ({ panel: RUNS[run], outcome: switchRun(engineForm('engine'), run).outcome }));
  const rows = outcomes.flatMap(({ panel, outcome }) => rowsOf(panel, outcome));
  const half = cells.compared(id('table-6/switching/latency')).status === 'reproduced' && peek(id('table-6/switching/latency')) < 0.5 * peek(id('table-6/fixed/latency'));
  const [stay = Number.NaN, moved = Number.NaN] = outcomes.map(({ outcome }) => Math.max(...outcome.finish));
  const sooner = Math.abs(moved / stay - 2 / 3) < 0.03;
  return {
    anchor: 'switching',
    heading: 'Workers that change their role',
    takeaway: `${claim('When answers become long, encode workers that turn to decoding halve the latency', half)}: ${slot(id('table-6/ratio/latency'), (ratio) => `${times(ratio)} times`)} as long without, predicted within a twentieth of both printed latencies.`,
    blocks: [
      {
        kind: 'figure',
        anchor: 'roles',
        label: 'Figure G',
        chart: roleTimeline(rows, {
          id: 'roles',
          title: claim('Three workers leave encoding for decoding, and the requests that pile up there are done in about two thirds of the time', half && sooner),
          description: 'Workers of each stage over time and requests that are at each stage, with roles that stay and with roles that switch.',
          requests: 'at-stage',
          switches: outcomes.flatMap(({ panel, outcome }) => switchesOf(panel, outcome)),
        }),
        note: 'At a stage: waiting for it or in it. A decode worker takes every request that comes, and its steps grow longer with each.',
        source: 'Simulated runs of {{#table-6}}.',
      },
      table6Block(context),
    ],
  };
}
