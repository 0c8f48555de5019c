import type { NumberSpec } from '../../evidence/number.ts';
import { copyCalls, duplexTime, pipelinedCopyTime, serialCopyTime, stallTime } from '../../serving/preemption/transfer.ts';
import type { Aim } from '../printed.ts';
import { figure9, figure10, type OverFrequency } from './data/overheads.ts';
import { claims } from './data/text.ts';
import { bytesOfMany, difference, impliedCallTime, overheadLineProcedure, stallOfShare, timedRate, timesLonger, timesOther } from './formulas.ts';
import { derived, found, ID, type Item, item, PERCENT, printedLeaf, SYSTEM_NAMES } from './item.ts';
import { overheadLine } from './overhead-line.ts';
import { input } from './settings.ts';

const MODEL = 'llama-8b';
const SERIES = ['vllm', 'dbg'] as const;
type Series = (typeof SERIES)[number];
const CALL_STACK = ['vllm', 'fastswitch'] as const;
const FREQUENCIES = figure10.vllm.frequency;
/** Updates an iteration up to which the share of switches is nearly a line; above, requests wait for one another. */
const LINE_UP_TO = 0.01;
const WITHIN: Aim = { kind: 'within', share: 0.15 };

const drawn = (path: string, label: string, { frequency, share }: OverFrequency, figure: string): readonly (readonly [string, NumberSpec])[] =>
  frequency.map((f, at) => [`input/${path}/${f}`, printedLeaf(`${label} at ${f} updates an iteration`, share[at] as number, '1', `${figure}, read from the drawing`)]);

/** How the dispatch of the transfer model is known. */
const DISPATCHES = ['out', 'in', 'printed'] as const;
type Dispatch = (typeof DISPATCHES)[number];
const DISPATCH_NAMES: Readonly<Record<Dispatch, string>> = { out: 'swap-out, dispatch as measured on an H100', in: 'swap-in, dispatch as measured on an H100', printed: 'dispatch as printed' };
const GROUPS = ['single', 'grouped'] as const;

/** Times of one mean group of the paper, block by block and as a group: `fastswitch/transfer/<dispatch>/<serial|pipelined>/<single|grouped>`, and their ratio `.../gain`; both ways at once, `fastswitch/exchange/<time|stall>`. */
function transferNumbers(): readonly (readonly [string, NumberSpec])[] {
  const blocks = input('group-blocks');
  const calls = GROUPS.map((group): readonly [string, NumberSpec] => [
    `group-calls/${group}`,
    derived(`copy calls of a mean group, ${group === 'single' ? 'block by block' : 'as a group'}`, copyCalls, {
      slicesPerBlock: `${ID}/slices-per-block/${MODEL}`,
      blocks,
      groupBlocks: group === 'single' ? input('one-block') : blocks,
    }),
  ]);
  const piece = derived('piece of a mean group', bytesOfMany, { bytes: `${ID}/slice/${MODEL}`, count: blocks });
  const bytes = derived('bytes of a mean group', bytesOfMany, { bytes: `${ID}/block/${MODEL}`, count: blocks });
  const times = DISPATCHES.flatMap((dispatch) =>
    (['serial', 'pipelined'] as const).flatMap((kind): readonly (readonly [string, NumberSpec])[] => {
      const path = `transfer/${dispatch}/${kind}`;
      const label = `${DISPATCH_NAMES[dispatch]}, ${kind === 'serial' ? 'dispatch and copy in turn' : 'dispatch beside copy'}`;
      const common = { dispatch: input(`dispatch-${dispatch}`), bandwidth: input(dispatch === 'in' ? 'link-in' : 'link-out') };
      return [
        ...GROUPS.map((group): readonly [string, NumberSpec] => [
          `${path}/${group}`,
          kind === 'serial'
            ? derived(`time of a mean group ${group === 'single' ? 'block by block' : 'as a group'}: ${label}`, serialCopyTime, {
                calls: `${ID}/group-calls/${group}`,
                bytes: `${ID}/group-bytes`,
                ...common,
              })
            : derived(`time of a mean group ${group === 'single' ? 'block by block' : 'as a group'}: ${label}`, pipelinedCopyTime, {
                calls: `${ID}/group-calls/${group}`,
                pieceBytes: group === 'single' ? `${ID}/slice/${MODEL}` : `${ID}/group-piece`,
                ...common,
              }),
        ]),
        [`${path}/gain`, derived(`times as fast by groups: ${label}`, timesLonger, { value: `${ID}/${path}/single`, other: `${ID}/${path}/grouped` })],
      ];
    }),
  );
  const exchange = derived('a mean group out and another in at once', duplexTime, {
    outTime: `${ID}/transfer/out/serial/grouped`,
    inTime: `${ID}/transfer/in/serial/grouped`,
    outBytes: `${ID}/group-bytes`,
    inBytes: `${ID}/group-bytes`,
    bothBandwidth: input('link-both'),
  });
  const left = derived('what of it an iteration beside it leaves to wait for', stallTime, { time: `${ID}/exchange/time`, overlapped: `${ID}/run/${MODEL}/random/fastswitch/iteration-seconds` });
  return [...calls, ['group-piece', piece], ['group-bytes', bytes], ...times, ['exchange/time', exchange], ['exchange/stall', left]];
}

const stallId = (series: Series, f: number): string => `${ID}/stall/${series}/${f}`;
const drawnGain = (f: number): NumberSpec =>
  derived(`stall of an update of vLLM over that of block groups, ${f} updates an iteration, as drawn`, timesOther, { value: stallId('vllm', f), other: stallId('dbg', f) });

const stallNumbers = FREQUENCIES.flatMap((f): readonly (readonly [string, NumberSpec])[] => [
  ...SERIES.map((series): readonly [string, NumberSpec] => [
    `stall/${series}/${f}`,
    derived(`stall of an update in iterations, ${SYSTEM_NAMES[series]}, ${f} updates an iteration`, stallOfShare, { share: input(`figure-10/${series}/${f}`), frequency: input(`frequency/${f}`) }),
  ]),
  [`drawn-gain/${f}`, drawnGain(f)],
  [
    `drawn-gain-of-shares/${f}`,
    derived(`share of switches of vLLM over that of block groups, ${f} updates an iteration, as drawn`, timesOther, { value: input(`figure-10/vllm/${f}`), other: input(`figure-10/dbg/${f}`) }),
  ],
  ...impliedNumbers(String(f), `${ID}/drawn-gain/${f}`),
]);

/** What vLLM needs for a call of one slice, and its rate, if groups go as fast as Table 1 has it: `fastswitch/implied/<frequency|text>/<call-time|rate>`. */
function impliedNumbers(path: string, gain: string): readonly (readonly [string, NumberSpec])[] {
  const at = path === 'text' ? 'gain of the text' : `gain at ${path} updates an iteration`;
  return [
    [
      `implied/${path}/call-time`,
      derived(`time of a call of vLLM, ${at}`, impliedCallTime, { blockTime: `${ID}/swap-out/traditional/per-block`, slicesPerBlock: `${ID}/slices-per-block/${MODEL}`, gain }),
    ],
    [`implied/${path}/rate`, derived(`rate of copies of vLLM, ${at}`, timedRate, { bytes: `${ID}/slice/${MODEL}`, time: `${ID}/implied/${path}/call-time` })],
  ];
}

const lineInputs = (series: Series): Readonly<Record<string, string>> =>
  Object.fromEntries(
    FREQUENCIES.filter((f) => f <= LINE_UP_TO).flatMap((f, at) => [
      [`share${at + 1}`, input(`figure-10/${series}/${f}`)],
      [`frequency${at + 1}`, input(`frequency/${f}`)],
    ]),
  );

/** The share of switches over small frequencies as a line, `fastswitch/line/<vllm|dbg>/<base|stall|residual>`, and `fastswitch/line/gain`, of the slopes. */
const lineNumbers: readonly (readonly [string, Item['number']])[] = [
  ...SERIES.flatMap((series) =>
    (
      [
        ['base', 'share of switches without updates'],
        ['stall', 'stall of an update in iterations'],
        ['residual', 'largest difference of a drawn share from its line'],
      ] as const
    ).map(([what, label]): readonly [string, Item['number']] => [
      `line/${series}/${what}`,
      found(
        `${label}, ${SYSTEM_NAMES[series]}, by a line up to ${LINE_UP_TO} updates an iteration`,
        '1',
        overheadLineProcedure,
        lineInputs(series),
        () => overheadLine(figure10[series], LINE_UP_TO)[what],
      ),
    ]),
  ),
  ['line/gain', derived('stall of an update of vLLM over that of block groups, slopes of the lines', timesOther, { value: `${ID}/line/vllm/stall`, other: `${ID}/line/dbg/stall` })],
];

/** What the cells of Figures 9 and 10 are computed from, by `fastswitch/<path>`. */
export const overheadNumbers: Readonly<Record<string, Item['number']>> = Object.fromEntries([
  ...SERIES.flatMap((series) => drawn(`figure-10/${series}`, `share of switches, ${SYSTEM_NAMES[series]},`, figure10[series], 'Figure 10')),
  ...CALL_STACK.flatMap((system) => drawn(`figure-9/${system}`, `share of the call stack, ${SYSTEM_NAMES[system]},`, figure9[system], 'Figure 9')),
  ['input/group-gain', printedLeaf('times less overhead by block groups, at most', Number(claims.groupGain), '1', 'section 5.3.1')],
  ...transferNumbers(),
  ...stallNumbers,
  ...impliedNumbers('text', input('group-gain')),
  ...lineNumbers,
]);

/** The gain as drawn at a frequency: shares are turned into stalls first. */
function gainAt(f: number): number {
  const at = FREQUENCIES.indexOf(f);
  const [vllm, dbg] = SERIES.map((series) => stallOfShare.evaluate({ share: figure10[series].share[at] as number, frequency: f })) as [number, number];
  return vllm / dbg;
}

const MANY = 'the gain of copies does not depend on the frequency; at this one block groups gain less as drawn, where more of a stall is not copying';
const FEW = 'the gain of copies does not depend on the frequency; at this one block groups gain more as drawn, where hardly anything is swapped and both lines have a share without updates';
const GAIN_DEVIATES: Readonly<Record<string, string>> = { 0.001: FEW, 0.02: MANY };

const gainItems: readonly Item[] = FREQUENCIES.map((f) => {
  const because = GAIN_DEVIATES[f];
  return item(
    `figure-10/gain/${f}`,
    gainAt(f).toFixed(2),
    `Figure 10, stall of an update of vLLM over that of block groups at ${f} updates an iteration, from the lines as read; ours is the gain of copies alone`,
    { kind: 'sum', label: 'times as fast by groups', unit: '1', terms: [`${ID}/transfer/out/serial/gain`] },
    { aim: WITHIN, ...(because === undefined ? {} : { deviates: because }) },
  );
});

const vllmCallStack = (f: number): number => figure9.vllm.share[figure9.vllm.frequency.indexOf(f)] as number;
/** Per cent of a run that the call stack takes more than in vLLM. */
const callStackPercent = (at: number): number => 100 * ((figure9.fastswitch.share[at] as number) - vllmCallStack(figure9.fastswitch.frequency[at] as number));

const CALL_STACK_DEVIATES: readonly number[] = [0.04, 0.05];
const callStackItems: readonly Item[] = figure9.fastswitch.frequency.map((f, at) =>
  item(
    `figure-9/call-stack/${f}`,
    claims.callStackPercent,
    `text on Figure 9, per cent of a run that the call stack takes more than in vLLM, at most: ${f} updates an iteration, as drawn`,
    derived(`share of the call stack above that of vLLM, ${f} updates an iteration`, difference, { value: input(`figure-9/fastswitch/${f}`), other: input(`figure-9/vllm/${f}`) }),
    {
      scale: PERCENT,
      aim: { kind: 'at-most' },
      ...(CALL_STACK_DEVIATES.includes(f)
        ? { deviates: `the text disagrees with its figure, which has ${callStackPercent(at).toFixed(2)} % at so frequent updates; the text may leave out what the swaps themselves take of the host` }
        : {}),
    },
  ),
);

/** Figures 9 and 10 and what the text says of them. */
export const overheadItems: readonly Item[] = [
  item(
    'text/group-gain',
    claims.groupGain,
    'section 5.3.1 on Figure 10, times less overhead of switches by block groups, at most: stalls of an update as drawn, at the smallest frequency',
    drawnGain(FREQUENCIES[0] as number),
  ),
  ...gainItems,
  ...callStackItems,
];
