import { accelerator } from '../../src/accelerators/index.ts';
import { type InstancesRow, instancesByContext } from '../../src/chart/index.ts';
import { PLANNED, plannerFor } from '../../src/papers/afd/planned.ts';
import { claim } from '../../src/report/definition.ts';
import type { RowView, SectionView } from '../../src/report/view.ts';
import { logNormalMix } from '../../src/serving/afd/contexts.ts';
import { attentionInstancesFor } from '../../src/serving/afd/scaling.ts';
import type { AfdContext } from './context.ts';

const CONTEXTS = [2048, 4096, 8192, 16_384, 32_768, 65_536] as const;
const MICRO_BATCH = 2048;
const SERIES = [
  { series: 'mean', name: 'At the mean', deviation: 0 },
  { series: 'log-normal', name: 'Log-normal', deviation: 0.8 },
] as const;

/** Attention instances that a feed-forward side needs as contexts grow. */
export function scalingSection(): SectionView {
  const chip = accelerator('h800').accelerator;
  const planner = plannerFor('step-3', '4096:w8a8kv8');
  const rows = SERIES.flatMap(({ series, name, deviation }) =>
    CONTEXTS.map((context): InstancesRow => {
      const answer = attentionInstancesFor(planner.at(logNormalMix(context, deviation)), {
        attentionChip: chip,
        ffnChip: chip,
        ffnInstances: 2,
        tensorParallel: 1,
        layout: 'expert',
        microBatch: MICRO_BATCH,
        tpot: PLANNED.tpot,
        maxInstances: 64,
      });
      if (answer.plan === null) throw new RangeError(`report: no number of attention instances at ${context}: ${answer.because}`);
      return { series, name, context, instances: answer.plan.attentionInstances, ...(series === 'mean' && PRINTED[context] !== undefined ? { printed: PRINTED[context] } : {}) };
    }),
  );
  const at = (series: string, context: number): number => rows.find((row) => row.series === series && row.context === context)?.instances ?? Number.NaN;
  const paper = at('mean', 4096) === 2 && at('mean', 8192) === 4;
  const more = CONTEXTS.every((context) => at('log-normal', context) >= at('mean', context)) && CONTEXTS.some((context) => at('log-normal', context) > at('mean', context));
  return {
    anchor: 'scaling',
    label: 'Figure B',
    heading: 'Attention grows with context, feed-forward does not',
    takeaway: claim('The plan asks for the attention instances with which the paper ran at 4K and at 8K, and for fewer than it expects at 32K.', paper && at('mean', 32_768) < 16),
    blocks: [
      {
        kind: 'figure',
        anchor: 'scaling',
        label: 'Figure B',
        chart: instancesByContext(rows, {
          id: 'scaling',
          title: claim(
            'From 8K on, each doubling of the context takes about twice the attention instances',
            [16_384, 32_768, 65_536].every((context) => at('mean', context) / at('mean', context / 2) >= 1.7),
          ),
          description:
            'Attention instances of eight H800 that two feed-forward instances need for micro-batches of the same size, against the average context of requests, all at the mean or log-normal around it.',
        }),
        note: `${claim('Contexts that differ cost as much or more than their mean', more)}, as all replicas wait for the slowest in every layer. Log-normal with a standard deviation of the logarithm of eight tenths. Hollow marks are the deployments of the paper.`,
        source: 'Step-3 with FP8 attention on H800; micro-batches as in {{#table-8}}.',
      },
    ],
  };
}

/** Attention instances of the paper's deployments with FP8 attention; 16A2F is not measured but expected. */
const PRINTED: Readonly<Record<number, string>> = { 4096: '2', 8192: '4', 32768: '16' };

const SECTION_6: readonly (readonly [path: string, header: string])[] = [
  ['l20/bytes-in-stage', 'L20: bytes that a card reads in a stage, MB'],
  ['l20/linear-bytes', 'L20: linear weights of a layer on a card, MB'],
  ['l20/cache-bytes', 'L20: left for the cache, MB'],
  ['l20/cached-tokens', 'L20: cached tokens that are read, thousands'],
  ['l20/first-batch-too-large', 'L20: the batch at 8K stays below'],
  ['l20/ffn-bytes-in-stage', 'L20: feed-forward weights of a layer and card, MB'],
  ['l20/ffn-bytes', 'L20: feed-forward weights of a card, GB'],
  ['l20/ffn-bytes-of-server', 'L20: feed-forward weights of a server, GB'],
  ['l20/servers', 'L20: servers for all feed-forward weights'],
  ['l20/cards', 'L20: cards for all feed-forward weights'],
  ['l4/cards', 'L4: cards for all feed-forward weights'],
  ['l4/cards:scaled', 'L4: the cards of L20 scaled by bandwidth'],
];

const SECTION_7: readonly (readonly [path: string, header: string])[] = [
  ['4a2f-8k', '4A2F at 8K from the throughput at 4K, tokens per second and GPU'],
  ['16a2f-32k', '16A2F at 32K from the throughput at 4K, tokens per second and GPU'],
  ['upcycled', '3A4F of the larger variant, tokens per second and GPU'],
  ['upcycled-bf16-attention', '4A4F of the same with BF16 attention, tokens per second and GPU'],
  ['upcycled-micro-batch', 'Largest micro-batch that the network lets through'],
  ['upcycled-micro-batch:per-gpu', 'The same as requests of each attention GPU'],
];

const table = ({ printed }: AfdContext, section: string, rows: readonly (readonly [string, string])[]): readonly RowView[] =>
  rows.map(([path, header]) => ({ header, cells: { value: printed.cell(`step3/${section}/${path}`) } }));

/** Section 6: the model on weak cards. */
export function weakHardwareSection(context: AfdContext): SectionView {
  return {
    anchor: 'section-6',
    label: 'Section 6',
    heading: 'Weak cards',
    takeaway: claim('The chain of numbers for L20 comes out link by link; that for L4 only when the rounded number of L20 is scaled.', context.printed.count('deviation', 'section-6') === 2),
    blocks: [
      {
        kind: 'table',
        anchor: 'section-6',
        label: 'Section 6',
        caption: 'What weak cards read in a stage, and how many hold the feed-forward weights',
        rowHeader: 'Quantity',
        columns: [{ id: 'value', header: 'Value' }],
        rows: table(context, 'section-6', SECTION_6),
        note: 'The text goes on with its rounded values, and so does the calculation.',
      },
    ],
  };
}

/** Section 7.3: throughput and limits that the text computes. */
export function extrapolationsSection(context: AfdContext): SectionView {
  return {
    anchor: 'section-7',
    label: 'Section 7.3',
    heading: 'Numbers that the text computes',
    takeaway: 'Four throughputs of the text are arithmetic with measured ones or with the target time, not measurements; the network limit comes out as that of each GPU.',
    blocks: [
      {
        kind: 'table',
        anchor: 'section-7',
        label: 'Section 7.3',
        caption: 'Arithmetic of the text',
        rowHeader: 'Quantity',
        columns: [{ id: 'value', header: 'Value' }],
        rows: table(context, 'section-7', SECTION_7),
        note: 'The larger variant is Step-3 upcycled to more than six hundred billion parameters, which the paper estimates.',
      },
      { kind: 'formula', formula: 'afd/network-batch', number: context.numbers.reference('step3/section-7/upcycled-micro-batch') },
    ],
  };
}
