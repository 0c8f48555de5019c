import type { PrintedCell } from '../printed.ts';

/** Row labels of the paper, by our model ids, in the order of its tables. */
export const MODELS = {
  'deepseek-v3': 'DSv3',
  'kimi-k2': 'Kimi K2',
  'qwen3-235b-a22b': 'Qwen3 MoE',
  'qwen3-32b': 'Qwen3 32B',
  'llama-4-maverick': 'Llama 4 M',
  'minimax-m1': 'MM M1',
  'ernie-4.5-300b-a47b': 'ERNIE 4.5',
  'pangu-pro-moe': 'Pangu Pro',
  'step-3': 'Step-3',
} as const;
export type PaperModel = keyof typeof MODELS;

export const CHIPS = { h800: 'H800', h20: 'H20', a800: 'A800', 'ascend-910b': '910B' } as const;
export type PaperChip = keyof typeof CHIPS;

export const MODEL_IDS = Object.keys(MODELS) as readonly PaperModel[];
export const CHIP_IDS = Object.keys(CHIPS) as readonly PaperChip[];

const cell = (table: string, path: string, printed: string, where: string, scale = 1): PrintedCell => ({ id: `step3/${table}/${path}`, paper: 'step3', table, printed, where, scale });

/** One row of printed values, columns separated by blanks. */
const values = (row: string): readonly string[] => row.trim().split(/\s+/);

/** Columns of Tables 2 and 3. */
export const WORK_COLUMNS = ['kv-bytes', 'core-flop', 'linear-flop', 'ffn-flop'] as const;
const WORK_LABELS = ['KV/State Memory Access', 'Attention FLOPs w/o linear', 'Linear FLOPs', 'FFN FLOPs'] as const;

const TABLE_2: Readonly<Record<PaperModel, string>> = {
  'deepseek-v3': '2.88e8 1.47e11 2.28e10 4.84e10',
  'kimi-k2': '2.88e8 7.37e10 1.23e10 4.84e10',
  'qwen3-235b-a22b': '7.89e8 2.52e10 1.34e10 2.84e10',
  'qwen3-32b': '1.07e9 1.72e10 1.21e10 5.03e10',
  'llama-4-maverick': '1.01e9 8.05e9 6.04e9 2.42e10',
  'minimax-m1': '9.23e8 3.42e9 3.75e10 5.44e10',
  'ernie-4.5-300b-a47b': '9.06e8 1.45e10 1.63e10 7.61e10',
  'pangu-pro-moe': '8.05e8 8.05e9 6.04e9 2.38e10',
  'step-3': '2.56e8 3.27e10 2.07e10 5.33e10',
};

const TABLE_3: Readonly<Record<PaperModel, string>> = {
  'deepseek-v3': '1.15e9 5.89e11 2.28e10 4.84e10',
  'kimi-k2': '1.15e9 2.95e11 1.23e10 4.84e10',
  'qwen3-235b-a22b': '3.15e9 1.01e11 1.34e10 2.84e10',
  'qwen3-32b': '4.29e9 6.87e10 1.21e10 5.03e10',
  'llama-4-maverick': '2.21e9 1.41e10 6.04e9 2.42e10',
  'minimax-m1': '1.93e9 1.15e10 3.75e10 5.44e10',
  'ernie-4.5-300b-a47b': '3.62e9 5.80e10 1.63e10 7.61e10',
  'pangu-pro-moe': '3.22e9 3.22e10 6.04e9 2.38e10',
  'step-3': '1.02e9 1.31e11 2.07e10 5.33e10',
};

const workCells = (table: 'table-2' | 'table-3', rows: Readonly<Record<PaperModel, string>>): readonly PrintedCell[] =>
  MODEL_IDS.flatMap((model) =>
    values(rows[model]).map((printed, column) => cell(table, `${model}/${WORK_COLUMNS[column]}`, printed, `Table ${table.slice(-1)}, row "${MODELS[model]}", column "${WORK_LABELS[column]}"`)),
  );

/** Columns of Table 6, by chip: attention at 8K, attention at 32K, FFN. */
export const COST_COLUMNS = ['attention-8k', 'attention-32k', 'ffn'] as const;

/** Attention at 8K, at 32K and FFN, each for H800 H20 A800 910B. */
const TABLE_6: Readonly<Record<PaperModel, string>> = {
  'deepseek-v3': '0.054 0.128 0.114 0.113  0.197 0.460 0.409 0.407  0.014 0.036 0.032 0.032',
  'kimi-k2': '0.051 0.065 0.057 0.057  0.194 0.231 0.205 0.204  0.014 0.036 0.032 0.032',
  'qwen3-235b-a22b': '0.135 0.054 0.091 0.101  0.527 0.185 0.338 0.376  0.008 0.021 0.019 0.019',
  'qwen3-32b': '0.181 0.069 0.120 0.133  0.716 0.248 0.455 0.508  0.014 0.038 0.034 0.033',
  'llama-4-maverick': '0.169 0.060 0.109 0.121  0.369 0.128 0.235 0.262  0.007 0.018 0.016 0.016',
  'minimax-m1': '0.164 0.079 0.121 0.132  0.330 0.135 0.226 0.249  0.015 0.041 0.036 0.036',
  'ernie-4.5-300b-a47b': '0.155 0.063 0.105 0.116  0.606 0.214 0.388 0.432  0.021 0.057 0.051 0.051',
  'pangu-pro-moe': '0.135 0.049 0.088 0.098  0.536 0.183 0.340 0.379  0.007 0.018 0.016 0.016',
  'step-3': '0.048 0.040 0.040 0.043  0.176 0.114 0.120 0.133  0.015 0.040 0.036 0.035',
};

const costCells: readonly PrintedCell[] = MODEL_IDS.flatMap((model) =>
  values(TABLE_6[model]).map((printed, index) => {
    const chip = CHIP_IDS[index % 4] as PaperChip;
    const column = COST_COLUMNS[Math.floor(index / 4)] as (typeof COST_COLUMNS)[number];
    return cell('table-6', `${model}/${chip}/${column}`, printed, `Table 6, row "${MODELS[model]}", ${column} on ${CHIPS[chip]}`);
  }),
);

const byChip = (table: string, column: string, printed: string, label: string): readonly PrintedCell[] =>
  values(printed).map((value, index) => {
    const chip = CHIP_IDS[index] as PaperChip;
    return cell(table, `${chip}/${column}`, value, `Table ${table.slice(-1)}, row "${CHIPS[chip]}", column "${label}"`);
  });

const table1: readonly PrintedCell[] = (
  [
    ['layers', '61', 1],
    ['hidden', '7168', 1],
    ['low-rank-query', '2048', 1],
    ['query-heads', '64', 1],
    ['head-dim', '256', 1],
    ['kv-heads', '1', 1],
    ['shared-experts', '1', 1],
    ['moe-layers', '56', 1],
    ['total-parameters-llm', '316', 1e9],
    ['activated-parameters', '38', 1e9],
    ['total-parameters-vlm', '321', 1e9],
  ] as const
).map(([path, printed, scale]) => cell('table-1', path, printed, `Table 1, ${path.replaceAll('-', ' ')}`, scale));

/** Every printed cell of Tables 1 to 7 that a formula answers. Prices, peaks and bandwidths of Table 4 are inputs. */
export const tableCells: readonly PrintedCell[] = [
  ...table1,
  ...workCells('table-2', TABLE_2),
  ...workCells('table-3', TABLE_3),
  ...byChip('table-4', 'roofline', '591 74 156 175', 'Roofline'),
  ...byChip('table-5', 'usd-per-flop', '2.80e-19 7.51e-19 6.68e-19 6.65e-19', 'USD per FLOP'),
  ...byChip('table-5', 'usd-per-byte', '1.66e-16 5.56e-17 1.04e-16 1.16e-16', 'USD per byte'),
  ...costCells,
  ...byChip('table-7', 'min-sparsity', '0.058 0.007 0.031 0.034', 'minimum MoE sparsity'),
];

export { cell as printedCell };
