import { claim } from '../../src/report/definition.ts';
import type { CellView, RowView, SectionView } from '../../src/report/view.ts';
import { type AfdContext, chipName, PRICED, whole } from './context.ts';

const CHIPS = [...PRICED, 'l20'] as const;
const ratio = (value: number): string => value.toFixed(3);

/** Table 7 and what becomes of it at rates that cards reach, for another shape, and where routing is restricted. */
export function networkSection({ numbers, value, slot }: AfdContext): SectionView {
  const cell = (id: string, format: (value: number) => string = ratio): CellView => ({ text: format(value(id)), number: numbers.reference(id) });
  const of = (chip: string, model: string, rest: string): string => `afd/min-ratio/${chip}/${model}/${rest}`;
  const rows = CHIPS.map(
    (chip): RowView => ({
      header: chipName(chip),
      cells: {
        nominal: cell(of(chip, 'step-3', 'nominal')),
        reached: cell(of(chip, 'step-3', 'reached')),
        deepseek: cell(of(chip, 'deepseek-v3', 'nominal')),
        restricted: cell(of(chip, 'deepseek-v3', 'nominal/restricted')),
        qwen: cell(of(chip, 'qwen3-235b-a22b', 'nominal')),
        batch: cell(`afd/ideal-batch/${chip}/step-3`, whole),
      },
    }),
  );
  const active = (model: string): number => value(`activation-ratio/${model}`);
  const sparse = active('deepseek-v3') < value(of('h800', 'deepseek-v3', 'nominal'));
  const admitted = active('deepseek-v3') > value(of('h800', 'deepseek-v3', 'nominal/restricted'));
  return {
    anchor: 'network',
    label: 'Table E',
    heading: 'How sparse, over which network',
    takeaway: `${claim('Step-3 was made dense enough for the network of H800; DeepSeek-V3 is too sparse for it', active('step-3') > value(of('h800', 'step-3', 'nominal')) && sparse)}: they activate ${slot('activation-ratio/step-3', ratio)} and ${slot('activation-ratio/deepseek-v3', ratio)} of their experts, and H800 needs ${slot(of('h800', 'step-3', 'nominal'), ratio)}. ${claim('With its routing restricted to half of the groups, DeepSeek-V3 passes', admitted)}.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'network',
        label: 'Table E',
        caption: 'Smallest activation ratio that fills feed-forward chips before the network is full',
        rowHeader: 'Chip',
        columns: [
          { id: 'nominal', header: 'Nominal', group: 'Step-3' },
          { id: 'reached', header: 'As reached', group: 'Step-3' },
          { id: 'deepseek', header: 'Nominal', group: 'DeepSeek-V3' },
          { id: 'restricted', header: 'Restricted', group: 'DeepSeek-V3' },
          { id: 'qwen', header: 'Nominal', group: 'Qwen3-235B' },
          { id: 'batch', header: 'Ideal batch', group: 'Step-3' },
        ],
        rows,
        note: `Nominal rates are those of Table 7 of the paper, whose cells the report on Step-3 compares. As reached: ${slot('afd/input/nic-share', (share) => share.toFixed(1))} of them. Restricted: a token goes to ${slot('afd/input/groups-reached', whole)} of ${slot('afd/input/groups', whole)} groups of experts, each on an instance. Ideal batch: experts take as long to read as to multiply.`,
      },
      { kind: 'formula', formula: 'afd/restricted-activation-ratio', number: numbers.reference(of('h800', 'deepseek-v3', 'nominal/restricted')) },
      { kind: 'formula', formula: 'afd/ideal-batch', number: numbers.reference('afd/ideal-batch/h800/step-3') },
    ],
  };
}
