import type { NumberSpec } from '../../evidence/number.ts';
import { linkUtilisation, serialCopyTime } from '../../serving/preemption/transfer.ts';
import type { Aim } from '../printed.ts';
import { copies, fewerBlocks, RUNS, type Run, table1 } from './data/text.ts';
import { bytesEach, bytesOfMany, callsOfOperations, operationTime, perOne, secondsEach, shareBelow, timedRate } from './formulas.ts';
import { derived, ID, type Item, item, PERCENT, printedLeaf } from './item.ts';
import { input } from './settings.ts';

const MODEL = 'llama-8b';
const RUN_NAMES: Readonly<Record<Run, string>> = { traditional: 'without reuse', reuse: 'with reuse' };

const of = (run: Run, what: string): string => `${ID}/swap-out/${run}/${what}`;
const printed = (run: Run, what: string): string => input(`${run}-${what}`);

function numbersOf(run: Run): readonly (readonly [string, NumberSpec])[] {
  const name = RUN_NAMES[run];
  const named = (what: string, spec: NumberSpec): readonly [string, NumberSpec] => [`swap-out/${run}/${what}`, spec];
  const time = printed(run, 'seconds');
  return [
    [`input/${run}-blocks`, printedLeaf(`blocks swapped out, ${name}`, table1[run].blocks, '1', 'Table 1')],
    [`input/${run}-operations`, printedLeaf(`operations of a swap-out, ${name}`, table1[run].operations, '1', 'Table 1')],
    [`input/${run}-seconds`, printedLeaf(`time of all swap-outs, ${name}`, Number(table1[run].seconds), 's', 'Table 1')],
    named('per-operation', derived(`time of an operation, ${name}`, secondsEach, { time, count: printed(run, 'operations') })),
    named('per-block', derived(`time of a block, ${name}`, secondsEach, { time, count: printed(run, 'blocks') })),
    named('calls', derived(`copy calls, ${name}`, callsOfOperations, { operations: printed(run, 'operations'), slicesPerBlock: `${ID}/slices-per-block/${MODEL}` })),
    named('per-call', derived(`time of a call, ${name}`, secondsEach, { time, count: of(run, 'calls') })),
    named('bytes', derived(`bytes swapped out, ${name}`, bytesOfMany, { bytes: `${ID}/block/${MODEL}`, count: printed(run, 'blocks') })),
    named('bytes-multi-head', derived(`bytes swapped out, ${name}, calls of the printed size`, bytesOfMany, { bytes: `${ID}/block/${MODEL}/multi-head`, count: printed(run, 'blocks') })),
    named('call-bytes', derived(`bytes of a mean call, ${name}`, bytesEach, { bytes: of(run, 'bytes'), count: of(run, 'calls') })),
    ...(['', '-multi-head'] as const).flatMap((suffix) => [
      named(`rate${suffix}`, derived(`rate of the swap-outs, ${name}${suffix === '' ? '' : ', calls of the printed size'}`, timedRate, { bytes: of(run, `bytes${suffix}`), time })),
      named(
        `utilisation${suffix}`,
        derived(`share of the line rate, ${name}${suffix === '' ? '' : ', calls of the printed size'}`, linkUtilisation, { bytes: of(run, `bytes${suffix}`), time, peak: input('link-raw') }),
      ),
    ]),
  ];
}

/** Table 1 by operation, block, call and byte: `fastswitch/swap-out/<traditional|reuse>/<what>`; `-multi-head` with calls of the printed 128 KB. */
export const swapOutNumbers: Readonly<Record<string, NumberSpec>> = {
  ...Object.fromEntries(RUNS.flatMap(numbersOf)),
  'swap-out/reused': derived('share of the blocks that is not swapped out again', shareBelow, { value: printed('reuse', 'blocks'), other: printed('traditional', 'blocks') }),
  'swap-out/operation': derived('time of an operation beside its blocks, from both runs', operationTime, {
    time: printed('traditional', 'seconds'),
    blocks: printed('traditional', 'blocks'),
    operations: printed('traditional', 'operations'),
    otherTime: printed('reuse', 'seconds'),
    otherBlocks: printed('reuse', 'blocks'),
    otherOperations: printed('reuse', 'operations'),
  }),
};

const WITHIN: Aim = { kind: 'within', share: 0.15 };
const granularity = (run: Run): NumberSpec => derived(`blocks of a mean operation, ${RUN_NAMES[run]}`, perOne, { amount: printed(run, 'blocks'), count: printed(run, 'operations') });

/** Table 1, and what the text says of it. */
export const swapOutItems: readonly Item[] = [
  ...RUNS.flatMap((run) => [
    item(`table-1/${run}/granularity`, table1[run].granularity, `Table 1, blocks of an operation, ${RUN_NAMES[run]}`, granularity(run)),
    item(
      `table-1/${run}/seconds`,
      table1[run].seconds,
      `Table 1, seconds of all swap-outs, ${RUN_NAMES[run]}: its calls and bytes by the dispatch and rate of other machines`,
      derived(`time of all swap-outs, ${RUN_NAMES[run]}, dispatch and copy in turn`, serialCopyTime, {
        calls: of(run, 'calls'),
        dispatch: input('dispatch-out'),
        bytes: of(run, 'bytes'),
        bandwidth: input('link-out'),
      }),
      {
        aim: WITHIN,
        ...(run === 'reuse'
          ? {}
          : { deviates: 'the two runs contradict a time of operations and blocks: this one has the larger groups and takes longer for each block, which leaves less than nothing for an operation' }),
      },
    ),
  ]),
  item(
    'text/fewer-blocks',
    fewerBlocks,
    'text on Table 1, per cent fewer blocks with reuse',
    { kind: 'sum', label: 'share of the blocks that is not swapped out again', unit: '1', terms: [`${ID}/swap-out/reused`] },
    {
      scale: PERCENT,
      deviates: 'from the blocks of Table 1; it looks rounded up',
    },
  ),
  item('text/group-blocks', copies.groupBlocks, 'section 3.1, about so many blocks of a mean group of LLaMA-8B on A10, over seven frequencies', granularity('traditional'), {
    deviates: 'the run of Table 1, of the same model and GPU, has far fewer; the text does not say what differs',
  }),
];
