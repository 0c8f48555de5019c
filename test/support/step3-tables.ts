import { modelEntries } from '../../src/models/index.ts';
import table2 from '../golden/step3/table-2.json';
import table3 from '../golden/step3/table-3.json';
import table5 from '../golden/step3/table-5.json';
import table6 from '../golden/step3/table-6.json';

export type CountColumn = 'kvBytesRead' | 'attentionFlop' | 'linearFlop' | 'ffnFlop';
type Cells<T> = Readonly<Record<string, T>>;

export const UNIT_COSTS: Cells<{ readonly usdPerFlop: string; readonly usdPerByte: string }> = table5.cells;
export const COSTS: Cells<Readonly<Record<'attention8k' | 'attention32k' | 'ffn', Cells<string>>>> = table6.cells;

const COUNTS: readonly { readonly at: string; readonly contextLength: number; readonly cells: Cells<Readonly<Record<CountColumn, string>>> }[] = [
  { at: 'Table 2', ...table2 },
  { at: 'Table 3', ...table3 },
];

/** The paper's nine models by their row label. */
export const PAPER_MODELS = modelEntries.flatMap(({ model, paperName }) => (paperName === null ? [] : [{ paperName, model }]));

/** Both rows of a model in Tables 2 and 3. */
export const countsOf = (paperName: string) =>
  COUNTS.map(({ at, contextLength, cells }) => {
    const printed = cells[paperName];
    if (printed === undefined) throw new RangeError(`golden: ${paperName} is not in ${at}`);
    return { at: `${at}, ${paperName}`, contextLength, printed };
  });
