import { type CostTpotRow, costVsTpot } from '../../src/chart/index.ts';
import { modelOf } from '../../src/models/index.ts';
import { bestPlans, colocatedPlan, PLANNED, plannerFor } from '../../src/papers/afd/planned.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, FigureBlock, RowView, SectionView } from '../../src/report/view.ts';
import { bestColocated } from '../../src/serving/afd/colocated.ts';
import { colocatedRow, deploymentName } from '../../src/serving/afd/row.ts';
import { searchAfd } from '../../src/serving/afd/search.ts';
import { contextLabel } from '../../src/units/format.ts';
import { type AfdContext, cheapestColocated, cheapestPlan, chipName, colocatedId, PRICED, planId, pricedChips, usd, whole } from './context.ts';

const SHOWN = 'step-3';
const CASE = '8192';
const TARGETS = [0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1] as const;

/** Figure A: the cheapest deployments of both kinds against the time per token that they keep. */
export function lead(): FigureBlock {
  const { split, scenario, ...planner } = plannerFor(SHOWN, CASE);
  const rows = TARGETS.flatMap((tpot): readonly CostTpotRow[] => {
    const query = { ...PLANNED, tpot, attentionChips: pricedChips, ffnChips: pricedChips };
    const apart = searchAfd({ split, scenario, ...planner }, query).flatMap(({ plan }) =>
      plan === null
        ? []
        : [
            {
              series: 'disaggregated',
              name: 'Disaggregated',
              tpotSeconds: plan.tpot,
              usdPerMtok: plan.usdPerMillionTokens as number,
              deployment: `${deploymentName(plan)}, attention on ${chipName(plan.attentionChip.id)}, feed-forward on ${chipName(plan.ffnChip.id)}`,
            },
          ],
    );
    const together = pricedChips.flatMap((chip) => {
      const row = colocatedRow(SHOWN, chip.id, bestColocated(split, scenario, chip, tpot));
      return row.tpot === null
        ? []
        : [{ series: 'colocated', name: 'Colocated', tpotSeconds: row.tpot, usdPerMtok: row.usdPerMillionTokens as number, deployment: `${row.chips} ${chipName(chip.id)}, ${row.deployment}` }];
    });
    return [...apart, ...together];
  });
  const least = (series: string, within: number): number => Math.min(...rows.filter((row) => row.series === series && row.tpotSeconds <= within).map(({ usdPerMtok }) => usdPerMtok));
  const crosses = least('disaggregated', 0.03) > least('colocated', 0.03) && least('disaggregated', PLANNED.tpot) < least('colocated', PLANNED.tpot);
  return {
    kind: 'figure',
    anchor: 'fronts',
    label: 'Figure A',
    chart: costVsTpot(rows, {
      id: 'fronts',
      title: claim('Step-3 at 8K: apart is cheaper where a token may take long, together where it must be fast', crosses),
      description: 'Cost of a million output tokens of Step-3 at 8K against the time per output token that a deployment keeps, disaggregated and colocated, over H800, H20, A800 and 910B.',
      targetSeconds: PLANNED.tpot,
    }),
    note: 'Each point is the best plan of a pair of chips, or of one chip, for one target; lines are what no other plan of the kind beats. The vertical line is the target of the paper.',
    source: 'Found by the search of {{#plans}}.',
  };
}

const MODELS = ['step-3', 'deepseek-v3', 'qwen3-235b-a22b'] as const;
export const CONTEXTS = ['4096', '8192', '32768'] as const;

/** Cost of the cheapest plan over that of the cheapest colocated deployment. */
const ratioOf = ({ value }: AfdContext, model: string, text: string): number =>
  value(planId(model, cheapestPlan(model, text).plan, text, 'usd-per-mtok')) / value(colocatedId(model, cheapestColocated(model, text).plan.chip.id, text, 'usd-per-mtok'));

/** A whole number with its sign, none for zero. */
function signed(value: number): string {
  const text = Math.abs(value).toFixed(0);
  return text === '0' ? text : `${value < 0 ? '−' : '+'}${text}`;
}

/** Best plans beside the best colocated deployments: where one costs less than the other. */
export function plansSection(context: AfdContext): SectionView {
  const { numbers, value } = context;
  const cell = (id: string, format: (value: number) => string): CellView => ({ text: format(value(id)), number: numbers.reference(id) });
  const rows = MODELS.flatMap((model) =>
    CONTEXTS.map((text): RowView => {
      const { plan, binding } = cheapestPlan(model, text);
      const { plan: together } = cheapestColocated(model, text);
      const ratio = ratioOf(context, model, text);
      return {
        header: `${modelOf(model).name}, ${contextLabel(Number(text))}`,
        model,
        cells: {
          deployment: { text: `${deploymentName(plan)} ${chipName(plan.attentionChip.id)} + ${chipName(plan.ffnChip.id)}` },
          binding: { text: binding },
          throughput: cell(planId(model, plan, text, 'throughput'), whole),
          apart: cell(planId(model, plan, text, 'usd-per-mtok'), usd),
          colocated: { text: `${together.chips} ${chipName(together.chip.id)}` },
          together: cell(colocatedId(model, together.chip.id, text, 'usd-per-mtok'), usd),
          saving: { text: signed(100 * (ratio - 1)) },
        },
      };
    }),
  );
  const ratios = MODELS.flatMap((model) => CONTEXTS.map((text) => ratioOf(context, model, text)));
  const neither = ratios.some((ratio) => ratio < 0.97) && ratios.some((ratio) => ratio > 1.1);
  const never = CONTEXTS.every((text) => ratioOf(context, 'deepseek-v3', text) > 1);
  return {
    anchor: 'plans',
    label: 'Table B',
    heading: 'When it pays, and when not',
    takeaway: claim(
      'Neither way wins everywhere: within the time per token of the paper, disaggregation saves some per cent for Qwen3 and for Step-3 at 8K, costs more for DeepSeek-V3 at every context, and most for long contexts of Step-3.',
      neither && never && ratioOf(context, 'step-3', '8192') < 1 && ratioOf(context, 'step-3', '32768') > 1.1 && CONTEXTS.every((text) => ratioOf(context, 'qwen3-235b-a22b', text) < 1),
    ),
    blocks: [
      {
        kind: 'table',
        anchor: 'plans',
        label: 'Table B',
        caption: claim('For DeepSeek-V3 colocated deployments are cheaper at every context', never),
        rowHeader: 'Model, context',
        columns: [
          { id: 'deployment', header: 'Instances, chips', numeric: false, group: 'Disaggregated' },
          { id: 'throughput', header: 'Tokens/s', unit: 'a chip', group: 'Disaggregated' },
          { id: 'apart', header: 'Cost', unit: 'USD/Mtok', group: 'Disaggregated' },
          { id: 'binding', header: 'Limited by', numeric: false, group: 'Disaggregated' },
          { id: 'colocated', header: 'Chips', numeric: false, group: 'Colocated' },
          { id: 'together', header: 'Cost', unit: 'USD/Mtok', group: 'Colocated' },
          { id: 'saving', header: 'Apart', unit: '%' },
        ],
        rows,
        note: 'The cheapest of all pairs of H800, H20, A800 and 910B within the time per token of {{#table-8}}, and the cheapest of these chips with both. Models in their own precision, up to sixteen instances of a side or two hundred and fifty-six chips together. Differences below the error of {{#table-8}} are no reason to choose.',
      },
      pairsTable(context),
    ],
  };
}

/** Every pair of chips for one model and context. */
function pairsTable({ numbers, value }: AfdContext) {
  const cheapest = cheapestPlan(SHOWN, CASE).plan;
  const rows = PRICED.map((attention): RowView => {
    const answers = bestPlans(SHOWN, [attention], PRICED, CASE);
    const { plan: together } = colocatedPlan(SHOWN, attention, CASE);
    return {
      header: `Attention on ${chipName(attention)}`,
      cells: {
        ...Object.fromEntries(
          answers.map(({ ffnChip, plan }) => {
            if (plan === null) return [ffnChip.id, { text: '' }];
            const id = planId(SHOWN, plan, CASE, 'usd-per-mtok');
            return [ffnChip.id, { text: usd(value(id)), number: numbers.reference(id) }];
          }),
        ),
        together:
          together === null ? { text: '' } : { text: usd(value(colocatedId(SHOWN, attention, CASE, 'usd-per-mtok'))), number: numbers.reference(colocatedId(SHOWN, attention, CASE, 'usd-per-mtok')) },
      },
    };
  });
  return {
    kind: 'table',
    anchor: 'pairs',
    label: 'Table C',
    caption: claim('Step-3 at 8K is cheapest with attention on H20 and feed-forward on H800, the pair that the paper prices', cheapest.attentionChip.id === 'h20' && cheapest.ffnChip.id === 'h800'),
    rowHeader: 'USD per million tokens',
    columns: [...PRICED.map((chip) => ({ id: chip, header: chipName(chip), group: 'Feed-forward on', emphasise: 'smallest' as const })), { id: 'together', header: 'Both on it' }],
    rows,
    note: 'The best plan of each pair; the last column is the colocated deployment of the chip of the row.',
  } as const;
}

const VARIANTS: readonly (readonly [text: string, header: string])[] = [
  [CASE, 'Model’s own FP8'],
  [`${CASE}:w8a8kv16`, 'BF16 cache and attention'],
  [`${CASE}:kv4-math8`, '4-bit cache, 8-bit attention'],
  [`${CASE}:mtp-1-0`, 'One draft, none accepted'],
  [`${CASE}:mtp-1-0.7`, 'One draft, seven in ten accepted'],
  [`${CASE}:kv4-math8:mtp-1-0.7`, '4-bit cache and one draft, seven in ten'],
];

/** Quantised caches and drafted tokens in the plan. */
export function variantsSection({ numbers, value }: AfdContext): SectionView {
  const PAIR = ['h800', 'h20'] as const;
  const id = (attention: string, text: string, what: string): string => `afd/plan/${SHOWN}/${attention}+h800/${text}/${what}`;
  const rows = VARIANTS.map(
    ([text, header]): RowView => ({
      header,
      cells: Object.fromEntries(
        PAIR.flatMap((attention) => {
          const plan = bestPlans(SHOWN, [attention], ['h800'], text)[0]?.plan;
          if (plan == null) return [];
          return [
            [`${attention}-deployment`, { text: deploymentName(plan) }],
            [attention, { text: usd(value(id(attention, text, 'usd-per-mtok'))), number: numbers.reference(id(attention, text, 'usd-per-mtok')) }],
          ];
        }),
      ),
    }),
  );
  const of = (attention: string, change: string): number => value(id(attention, `${CASE}${change}`, 'usd-per-mtok'));
  const storage = of('h800', ':kv4-math8') < of('h800', '') && of('h20', ':kv4-math8') > 0.97 * of('h20', '');
  return {
    anchor: 'variants',
    label: 'Table D',
    heading: 'Quantised caches and drafted tokens',
    takeaway: claim(
      'A narrower cache helps on H800, whose attention waits for memory, and hardly on H20, where it waits for computation; drafts pay when most are accepted.',
      storage && of('h800', ':mtp-1-0.7') < of('h800', '') && of('h800', ':mtp-1-0') > of('h800', ''),
    ),
    blocks: [
      {
        kind: 'table',
        anchor: 'variants',
        label: 'Table D',
        caption: 'Step-3 at 8K with feed-forward on H800: plans that change with formats and drafts',
        rowHeader: 'Variant',
        columns: [
          { id: 'h800-deployment', header: 'Instances', numeric: false, group: 'Attention on H800' },
          { id: 'h800', header: 'USD/Mtok', group: 'Attention on H800', emphasise: 'smallest' },
          { id: 'h20-deployment', header: 'Instances', numeric: false, group: 'Attention on H20' },
          { id: 'h20', header: 'USD/Mtok', group: 'Attention on H20', emphasise: 'smallest' },
        ],
        rows,
        note: 'Drafted tokens are verified in one pass: they share one read of the cache, and feed-forward works on each of them, accepted or not. The layers that draft are not counted.',
      },
    ],
  };
}
