import { pipelineTimeline } from '../../src/chart/index.ts';
import { modelOf } from '../../src/models/index.ts';
import { colocatedCases, planOf, type SplitCase, splitCases } from '../../src/papers/afd/cases.ts';
import { bestPlans, plannerFor } from '../../src/papers/afd/planned.ts';
import { claim } from '../../src/report/definition.ts';
import type { RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { bubbles, interleaved, type LayerTimes, stepPeriod, timeline } from '../../src/serving/afd/pipeline.ts';
import { STAGES } from '../../src/serving/afd/plan.ts';
import { deploymentName } from '../../src/serving/afd/row.ts';
import { contextLabel } from '../../src/units/format.ts';
import { type AfdContext, ms } from './context.ts';

const signed = (share: number): string => `${share > 0 ? '+' : '−'}${Math.abs(100 * share).toFixed(1)}`;

const TABLE_8 = (id: string): string => `afd/table-8/${id}`;
const shown = splitCases[1] as SplitCase;

/** Table 8: predicted from kernels beside what was measured. */
export function table8Section({ measured, value }: AfdContext): SectionView {
  const error = (id: string): number => {
    const { printed } = measured.compared(TABLE_8(id)).cell;
    return value(TABLE_8(id)) / Number(printed) - 1;
  };
  const row = (id: string, header: string, tpot: number | null): RowView => ({
    header,
    cells: { ours: measured.cell(TABLE_8(id)), error: { text: signed(error(id)) }, tpot: { text: tpot === null ? '' : ms(tpot) } },
  });
  const split = splitCases.flatMap((each) => {
    const name = `Step-3, ${each.precision === 'w8a8kv16' ? 'BF16' : 'FP8'} attention, ${each.attentionInstances}A${each.ffnInstances}F at ${contextLabel(each.context)}`;
    return [row(each.id, name, planOf(each, 'expert').tpot), row(`${each.id}:tensor`, `${name}, experts split`, planOf(each, 'tensor').tpot)];
  });
  const together = colocatedCases.map((each) => row(each.id, `DeepSeek-V3, ${each.id.includes('blog') ? 'service' : 'profile'}, colocated, ${contextLabel(each.context)}`, null));
  const within = [...splitCases, ...colocatedCases].every(({ id }) => Math.abs(error(id)) <= 0.15);
  return {
    anchor: 'table-8',
    label: 'Table 8',
    heading: 'Measured throughput, predicted from kernels',
    takeaway: claim(
      'With whole experts on chips, all five measured throughputs come out within the aim; with experts split over the chips of an instance, the three of Step-3 come out too slow.',
      within,
    ),
    blocks: [
      {
        kind: 'table',
        anchor: 'table-8',
        label: 'Table 8',
        caption: 'Tokens per second and GPU, predicted and measured',
        rowHeader: 'Deployment',
        columns: [
          { id: 'ours', header: 'Predicted' },
          { id: 'error', header: 'Off by', unit: '%' },
          { id: 'tpot', header: 'Predicted step', unit: 'ms' },
        ],
        rows: [...split, ...together],
        note: 'Three micro-batches, instances of eight H800, batches as printed. Constants come from kernels alone. DeepSeek-V3 with halves of a batch overlapped; its service with the largest batch that keeps the speed that its users had.',
      },
      {
        kind: 'list',
        items: [
          'Set before looking: three micro-batches, the printed batches, each of attention, both ways and feed-forward on a resource of its own, network cards at the measured share of their rate.',
          'Decided after the first result: the paper does not say how the chips of a feed-forward instance share a layer. At first each expert was split over the chips of its instance, and all three rows of Step-3 came out a fifth too slow; whole experts on chips, as the planner would choose, was added then. Both are shown.',
          'Also after the first result: the router moved to the attention side, where a token has to know its experts before it is sent. That changes the rows by less than a tenth of their error.',
          claim(
            'The memory of attention chips with a BF16 cache comes out above what an engine usually takes for itself: the paper ran with more of it, or with a shorter context than the one printed.',
            planOf(splitCases[0] as SplitCase, 'expert').attentionMemory.bytes > planOf(splitCases[0] as SplitCase, 'expert').attentionMemory.usable,
          ),
        ],
      },
    ],
  };
}

const NAMES: Readonly<Record<string, string>> = { ffn: 'FFN' };
const stageName = (stage: string): string => NAMES[stage] ?? `${stage.charAt(0).toUpperCase()}${stage.slice(1)}`;

/** Layers of the timeline: in the middle of the step, where the pipeline has settled. */
const FROM = 30;
const LAYERS = 3;

/** Figure 7: the pipeline of the paper's 4K deployment, and how long stages wait. */
export function timelineSection(): SectionView {
  const plan = planOf(shown, 'expert');
  const microBatches = plan.batch / plan.microBatch;
  const slots = timeline(plan.layers, microBatches).filter(({ layer }) => layer >= FROM && layer < FROM + LAYERS);
  const first = Math.min(...slots.map(({ start }) => start));
  const rows = slots.map(({ layer, stage, microBatch, start, end }) => ({
    layer: layer + 1,
    stage: stageName(STAGES[stage] as string),
    microBatch: microBatch + 1,
    startSeconds: (start - first) / 1e9,
    endSeconds: (end - first) / 1e9,
  }));
  const waiting = bubbles(plan.layers, microBatches);
  const [attention, ffn] = [waiting[STAGES.indexOf('attention')], waiting[STAGES.indexOf('ffn')]] as [number, number];
  return {
    anchor: 'timeline',
    label: 'Figure 7',
    heading: 'The pipeline, from real numbers',
    takeaway: claim(
      'Attention sets the pace of the deployment with which the paper reaches its highest throughput; feed-forward chips wait a little, and the network hides behind both.',
      plan.pace === 'attention' && attention < ffn && ffn < 0.2,
    ),
    blocks: [
      {
        kind: 'figure',
        anchor: 'timeline',
        label: 'Figure 7',
        chart: pipelineTimeline(rows, {
          id: 'timeline',
          title: claim('Three micro-batches keep attention busy and nearly fill feed-forward', attention < 0.05 && ffn < 0.2),
          description: `Three layers of Step-3 on ${plan.attentionInstances} attention and ${plan.ffnInstances} feed-forward instances of H800 at 4K: one lane for each stage, one hue for each micro-batch.`,
        }),
        note: 'Both ways over the network run at the same time as computation of other micro-batches; gather and scatter are what chips of an instance pass on.',
        source: 'Stage times of the plan of {{#table-8}}, FP8 attention at 4K.',
      },
      bubblesTable(),
    ],
  };
}

const HYBRIDS = ['step-3', 'deepseek-v3', 'llama-4-maverick', 'minimax-m1', 'qwen3-next-80b-a3b'] as const;
const CASE = '8192';

/** Layers that differ leave stages waiting: the best plans of models with unlike layers, and what the order of their layers does. */
function bubblesTable(): TableBlock {
  const rows = HYBRIDS.map((id): RowView => {
    const { split } = plannerFor(id, CASE);
    const answer = bestPlans(id, ['h800'], ['h800'], CASE)[0];
    if (answer?.plan == null) throw new RangeError(`report: ${id} has no plan at ${CASE}: ${answer?.because}`);
    const { layers, batch, microBatch } = answer.plan;
    const microBatches = batch / microBatch;
    const starts = split.groups.map((_, at) => split.groups.slice(0, at).reduce((sum, group) => sum + group.layers, 0));
    const groups = split.groups.map((group, at) => ({ layers: group.layers, times: layers[starts[at] as number] as LayerTimes }));
    const spread = [...interleaved(groups), layers.at(-1) as LayerTimes];
    const waits = (stage: (typeof STAGES)[number]): string => (100 * (bubbles(spread, microBatches)[STAGES.indexOf(stage)] as number)).toFixed(1);
    return {
      header: modelOf(id).name,
      model: id,
      cells: {
        groups: { text: groups.map((group) => group.layers).join(' + ') },
        deployment: { text: deploymentName(answer.plan) },
        attention: { text: waits('attention') },
        ffn: { text: waits('ffn') },
        grouped: { text: ms(stepPeriod(layers, microBatches) / 1e9) },
        spread: { text: ms(stepPeriod(spread, microBatches) / 1e9) },
      },
    };
  });
  return {
    kind: 'table',
    anchor: 'bubbles',
    label: 'Table A',
    caption: 'Stages that wait where layers are not alike, and what their order does',
    rowHeader: 'Model',
    columns: [
      { id: 'groups', header: 'Unlike layers', numeric: false },
      { id: 'deployment', header: 'On H800', numeric: false },
      { id: 'attention', header: 'Attention', unit: '%', group: 'Waits' },
      { id: 'ffn', header: 'FFN', unit: '%', group: 'Waits' },
      { id: 'grouped', header: 'In a row', unit: 'ms', group: 'Step, unlike layers' },
      { id: 'spread', header: 'Spread', unit: 'ms', group: 'Step, unlike layers' },
    ],
    rows,
    note: 'The cheapest plan of each model within the time per token, in its own precision. Waits with unlike layers spread evenly; plans count them in a row, as the order of layers is not kept.',
  };
}
