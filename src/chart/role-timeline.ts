import { topTitle } from './axis.ts';
import { type Caption, checkRows, distinct } from './caption.ts';
import { columns, type Fact, tooltip } from './facts.ts';
import { haloText, type KeyEntry, keyLines, ownColour, swatch } from './marks.ts';
import { inPanel, panels, panelTitle } from './panels.ts';
import { shown } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';
import { REQUEST_STAGES, type RequestStage, stageColour, stageName } from './stages.ts';
import { colour } from './theme.ts';

/**
 * State of a run from one time up to that of the next row of its panel; the last row says when the run ends.
 *   panel      the run: `With role switching`
 *   instances  how many work at each stage
 *   waiting    requests that wait for each stage
 */
export interface RoleTimelineRow {
  readonly panel: string;
  readonly seconds: number;
  readonly instances: Readonly<Record<RequestStage, number>>;
  readonly waiting: Readonly<Record<RequestStage, number>>;
  readonly number?: string | undefined;
}

/** An instance changes its role, at the time when it begins to. */
export interface RoleSwitch {
  readonly panel: string;
  readonly seconds: number;
  readonly from: RequestStage;
  readonly to: RequestStage;
}

export interface RoleTimelineOptions extends Caption {
  readonly switches?: readonly RoleSwitch[] | undefined;
  /** which requests `waiting` counts: those that wait for a stage, or all that are at it; those that wait unless given */
  readonly requests?: keyof typeof REQUESTS | undefined;
}

const LEFT = 34;
const RIGHT = 16;
const LANE = 13;
const WAITING_HEIGHT = 110;
/** above the instances, from below: marks of switches, what they are, the title of the axis, the head of the panel */
const MARK_Y = -6;
const LABEL_Y = -12;
const TITLE_Y = -27;
const HEAD_OFFSET = 10;
const AIR = 1.06;
const LETTER = 7;
const INSIDE = 10;
/** switches nearer to each other than this share of the time have one label */
const TOGETHER = 0.12;
/** from this share of the time on labels stand on the left of their mark */
const LATE = 0.7;
const MARK: JsonObject = { type: 'point', shape: 'triangle-down', size: 55, filled: true, fill: colour('text'), stroke: colour('text'), strokeWidth: 1 };
const REQUESTS = { waiting: { title: 'Requests waiting', each: 'Waiting for' }, 'at-stage': { title: 'Requests at a stage', each: 'Requests at' } } as const;
const INSTANCES = 'Instances';

/**
 * Instances of each stage over time as stacked steps, where they change their role, and below them how many requests wait for each stage; runs one below the other on one axis of time.
 * @throws RangeError `roleTimeline: ...` for no rows, a time or a count that is not a number or below 0, rows of a run that are not in order of time or all at one time, or a switch of a run that has no row or to the role that it leaves
 */
export function roleTimeline(rows: readonly RoleTimelineRow[], { switches = [], requests = 'waiting', ...caption }: RoleTimelineOptions): Chart {
  checkTimeline(rows, switches);
  const data = rows.map(({ panel, seconds, instances, waiting, number }) => ({
    panel,
    seconds,
    secondsShown: shown(seconds),
    ...Object.fromEntries(REQUEST_STAGES.flatMap((stage) => [[`${stage}Instances`, instances[stage]] as const, [`${stage}Waiting`, waiting[stage]] as const])),
    number: number ?? '–',
  }));
  const names = distinct(rows.map(({ panel }) => panel));
  const facts: readonly Fact[] = [
    ...(names.length > 1 ? [{ field: 'panel', title: 'Of' }] : []),
    { field: 'secondsShown', title: 'From, s' },
    ...REQUEST_STAGES.map((stage) => ({ field: `${stage}Instances`, title: `Instances: ${stage}` })),
    ...REQUEST_STAGES.map((stage) => ({ field: `${stage}Waiting`, title: `${REQUESTS[requests].each} ${stage}` })),
    ...(rows.some(({ number }) => number !== undefined) ? [{ field: 'number', title: 'Number' }] : []),
  ];
  const domain = [Math.min(...rows.map(({ seconds }) => seconds)), Math.max(...rows.map(({ seconds }) => seconds))] as const;
  const lanes = Math.max(...rows.map(({ instances }) => sum(instances)));
  const most = AIR * Math.max(1, ...rows.flatMap(({ waiting }) => REQUEST_STAGES.map((stage) => waiting[stage])));
  const children = names.flatMap((panel) => {
    const own = rows.filter((row) => row.panel === panel);
    return [
      instancesOf(
        own,
        switches.filter((each) => each.panel === panel),
        domain,
        lanes,
      ),
      waitingOf(own, { domain, most, last: panel === names.at(-1), title: REQUESTS[requests].title, facts }),
    ];
  });
  const used = REQUEST_STAGES.filter((stage) => rows.some(({ instances, waiting }) => instances[stage] + waiting[stage] > 0));
  const entries: readonly KeyEntry[] = [
    ...used.map((stage) => ({ text: stageName(stage), symbol: swatch(stageColour(stage), 1) })),
    ...(switches.length > 0 ? [{ text: 'An instance changes its role', symbol: MARK }] : []),
  ];
  return { ...caption, spec: panels({ children, left: LEFT, right: RIGHT, columns: 1, head: keyLines(entries, 8 - LEFT) }), data, columns: columns(facts) };
}

const sum = (counts: Readonly<Record<RequestStage, number>>): number => REQUEST_STAGES.reduce((total, stage) => total + counts[stage], 0);

const timeOf = (field: string, [from, to]: readonly [number, number], { labels, title }: { readonly labels: boolean; readonly title: string | null }): JsonObject =>
  inPanel({
    field,
    type: 'quantitative',
    scale: { domain: [from, to], nice: false, zero: false },
    axis: { title, tickCount: 8, labels, ticks: labels, labelExpr: "format(datum.value, ',~r')", labelFlush: false, labelOverlap: 'greedy', labelSeparation: 8, grid: true },
  });

/** Decode below, encode above. */
function stackOf({ instances }: RoleTimelineRow): readonly { readonly stage: RequestStage; readonly count: number; readonly low: number; readonly high: number }[] {
  let low = 0;
  return [...REQUEST_STAGES].reverse().map((stage) => {
    const part = { stage, count: instances[stage], low, high: low + instances[stage] };
    low = part.high;
    return part;
  });
}

/** The instances of a stage between two times at which the stack changes. */
function blockOf({ stage, count, low, high }: ReturnType<typeof stackOf>[number], from: number, until: number, span: number) {
  return {
    stage: stageName(stage),
    count,
    from,
    until,
    fromShown: shown(from),
    untilShown: shown(until),
    middle: (from + until) / 2,
    share: (until - from) / span,
    low,
    high,
    centre: (low + high) / 2,
    long: `${count} ${stage}`,
    short: String(count),
  };
}

/** The stack of instances and the marks of their switches. */
function instancesOf(rows: readonly RoleTimelineRow[], switches: readonly RoleSwitch[], domain: readonly [number, number], lanes: number): JsonObject {
  const panel = rows[0]?.panel ?? '';
  const span = domain[1] - domain[0];
  const same = (a: RoleTimelineRow, b: RoleTimelineRow): boolean => REQUEST_STAGES.every((stage) => a.instances[stage] === b.instances[stage]);
  const changes = rows.filter((row, at) => at === 0 || !same(row, rows[at - 1] as RoleTimelineRow));
  const end = rows.at(-1)?.seconds ?? 0;
  const blocks = changes.flatMap((row, at) => stackOf(row).map((part) => blockOf(part, row.seconds, changes[at + 1]?.seconds ?? end, span))).filter(({ count, share }) => count > 0 && share > 0);
  const steps = [...changes, { ...(changes.at(-1) as RoleTimelineRow), seconds: end }].flatMap((row) =>
    stackOf(row).map(({ stage, low, high }) => ({ stage, from: row.seconds, low, high, colour: stageColour(stage) })),
  );
  const x = (field: string): JsonObject => timeOf(field, domain, { labels: false, title: null });
  const y = (field: string): JsonObject => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, lanes], nice: false, zero: true },
    axis: { title: INSTANCES, ...topTitle, ...(switches.length > 0 ? { titleY: TITLE_Y } : {}), values: [0, lanes], labelExpr: "format(datum.value, 'd')", grid: false },
  });
  const fits = (field: string): string => `panelWidth * datum.share > ${INSIDE} + ${LETTER} * length(datum.${field})`;
  const facts: readonly Fact[] = [
    { field: 'stage', title: 'Stage' },
    { field: 'count', title: INSTANCES },
    { field: 'fromShown', title: 'From, s' },
    { field: 'untilShown', title: 'To, s' },
  ];
  const marks = switches.map(({ seconds, from, to }) => ({ seconds, secondsShown: shown(seconds), from: stageName(from), to: stageName(to) }));
  const switchFacts: readonly Fact[] = [
    { field: 'from', title: 'An instance leaves' },
    { field: 'to', title: 'And goes to' },
    { field: 'secondsShown', title: 'At, s' },
  ];
  return {
    data: { values: blocks },
    title: { ...panelTitle(panel), dx: 8 - LEFT, offset: HEAD_OFFSET },
    height: LANE * lanes,
    layer: [
      {
        data: { values: steps },
        mark: { type: 'area', interpolate: 'step-after', opacity: 1, tooltip: null },
        encoding: { x: x('from'), y: y('low'), y2: { field: 'high' }, color: ownColour, detail: { field: 'stage', type: 'nominal' } },
      },
      { mark: { type: 'rect', opacity: 0 }, encoding: { x: x('from'), x2: { field: 'until' }, y: y('low'), y2: { field: 'high' }, tooltip: tooltip(facts) } },
      { mark: { type: 'rule', stroke: colour('page'), strokeWidth: 1, tooltip: null }, encoding: { x: x('from'), x2: { field: 'until' }, y: y('high') } },
      {
        mark: { type: 'text', baseline: 'middle', fontWeight: 600, fill: colour('page'), tooltip: null, text: { expr: `${fits('long')} ? datum.long : ${fits('short')} ? datum.short : ''` } },
        encoding: { x: x('middle'), y: y('centre') },
      },
      ...(marks.length === 0 ? [] : switchMarks(marks, labelsOf(switches, domain), x('seconds'), switchFacts)),
    ],
  };
}

function switchMarks(marks: readonly JsonObject[], labels: readonly JsonObject[], x: JsonObject, facts: readonly Fact[]): readonly JsonObject[] {
  const text = (late: boolean): readonly JsonObject[] =>
    haloText(
      { align: late ? 'right' : 'left', baseline: 'bottom', dx: late ? 5 : -5 },
      { x, y: { value: LABEL_Y }, text: { field: 'text', type: 'nominal' }, color: { value: colour('muted') } },
      { values: labels.filter((label) => label.late === late) },
    );
  return [{ data: { values: marks }, mark: MARK, encoding: { x, y: { value: MARK_Y }, tooltip: tooltip(facts) } }, ...text(false), ...text(true)];
}

/** What switches that follow each other closely have in common: `3 encode → decode`. */
function labelsOf(switches: readonly RoleSwitch[], [from, to]: readonly [number, number]): readonly JsonObject[] {
  const groups: RoleSwitch[][] = [];
  for (const each of [...switches].sort((a, b) => a.seconds - b.seconds)) {
    const group = groups.at(-1);
    if (group !== undefined && each.seconds - (group.at(-1) as RoleSwitch).seconds < TOGETHER * (to - from)) group.push(each);
    else groups.push([each]);
  }
  return groups.map((group) => {
    const kinds = distinct(group.map((each) => `${each.from} → ${each.to}`));
    const text = kinds.map((kind) => `${group.filter((each) => `${each.from} → ${each.to}` === kind).length} ${kind}`).join(', ');
    const first = group[0] as RoleSwitch;
    const late = (first.seconds - from) / (to - from) > LATE;
    return { seconds: (late ? (group.at(-1) as RoleSwitch) : first).seconds, text, late };
  });
}

interface WaitingOptions {
  readonly domain: readonly [number, number];
  readonly most: number;
  readonly last: boolean;
  readonly title: string;
  readonly facts: readonly Fact[];
}

function waitingOf(rows: readonly RoleTimelineRow[], { domain, most, last, title, facts }: WaitingOptions): JsonObject {
  const end = rows.at(-1)?.seconds ?? 0;
  const points = REQUEST_STAGES.filter((stage) => rows.some(({ waiting }) => waiting[stage] > 0)).flatMap((stage) =>
    rows
      .filter((row, at) => at === 0 || at === rows.length - 1 || row.waiting[stage] !== rows[at - 1]?.waiting[stage])
      .map(({ panel, seconds, instances, waiting, number }) => ({
        panel,
        stage,
        seconds,
        waits: waiting[stage],
        secondsShown: shown(seconds),
        ...Object.fromEntries(REQUEST_STAGES.flatMap((each) => [[`${each}Instances`, instances[each]] as const, [`${each}Waiting`, waiting[each]] as const])),
        number: number ?? '–',
        colour: stageColour(stage),
      })),
  );
  const late = (end - domain[0]) / (domain[1] - domain[0]) > LATE;
  const x = timeOf('seconds', domain, { labels: true, title: last ? 'Time, s' : null });
  const y: JsonObject = {
    field: 'waits',
    type: 'quantitative',
    scale: { domain: [0, most], nice: false, zero: true },
    axis: { title, ...topTitle, tickCount: 4, tickMinStep: 1, labelExpr: "format(datum.value, 'd')" },
  };
  return {
    data: { values: points },
    height: WAITING_HEIGHT,
    layer: [
      {
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.75, strokeCap: 'butt' },
        encoding: { x, y, detail: { field: 'stage', type: 'nominal' }, color: ownColour, order: { field: 'seconds', type: 'quantitative' } },
      },
      { mark: { type: 'point', shape: 'square', size: 80, opacity: 0 }, encoding: { x, y, color: ownColour, tooltip: tooltip(facts) } },
      ...(end < domain[1]
        ? [
            {
              data: { values: [{ seconds: end }] },
              mark: { type: 'rule', stroke: colour('muted'), strokeWidth: 1, strokeDash: [2, 2], tooltip: null },
              encoding: { x, y: { value: 0 }, y2: { value: WAITING_HEIGHT } },
            },
            ...haloText(
              { text: `done, ${shown(end)} s`, align: late ? 'right' : 'left', baseline: 'top', dx: late ? -5 : 5 },
              { x, y: { value: 0 }, color: { value: colour('muted') } },
              { values: [{ seconds: end }] },
            ),
          ]
        : []),
    ],
  };
}

function checkTimeline(rows: readonly RoleTimelineRow[], switches: readonly RoleSwitch[]): void {
  checkRows('roleTimeline', rows, { finite: ['seconds'] });
  for (const { panel, instances, waiting } of rows)
    for (const [field, counts] of Object.entries({ instances, waiting }))
      for (const stage of REQUEST_STAGES)
        if (!(Number.isFinite(counts[stage]) && counts[stage] >= 0)) throw new RangeError(`roleTimeline: ${field} of ${stage} ${counts[stage]} in ${panel} is not a number of at least 0`);
  for (const panel of distinct(rows.map((row) => row.panel))) {
    const times = rows.filter((row) => row.panel === panel).map(({ seconds }) => seconds);
    const at = times.findIndex((time, index) => index > 0 && time < (times[index - 1] as number));
    if (at > 0) throw new RangeError(`roleTimeline: seconds ${times[at]} in ${panel} is before ${times[at - 1]}`);
    if (times[0] === times.at(-1)) throw new RangeError(`roleTimeline: seconds ${times[0]} in ${panel} is the only time, a run needs two`);
  }
  if (switches.length > 0) checkRows('roleTimeline', switches, { finite: ['seconds'] });
  for (const { panel, seconds, from, to } of switches) {
    const times = rows.filter((row) => row.panel === panel).map((row) => row.seconds);
    if (times.length === 0) throw new RangeError(`roleTimeline: switches ${panel} has no row`);
    if (seconds < (times[0] as number) || seconds > (times.at(-1) as number)) throw new RangeError(`roleTimeline: switches ${seconds} is not in the time of ${panel}`);
    if (from === to) throw new RangeError(`roleTimeline: switches ${from} is the role that the instance has`);
  }
}
