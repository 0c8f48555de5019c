import type { PrintedCell } from '../printed.ts';
import { MODEL_IDS, MODELS, type PaperModel, printedCell } from './tables.ts';

const FIGURE_1: Readonly<Record<PaperModel, string>> = {
  'deepseek-v3': '0.068',
  'kimi-k2': '0.065',
  'qwen3-235b-a22b': '0.062',
  'qwen3-32b': '0.083',
  'llama-4-maverick': '0.067',
  'minimax-m1': '0.095',
  'ernie-4.5-300b-a47b': '0.084',
  'pangu-pro-moe': '0.056',
  'step-3': '0.055',
};

/** Horizontal axis of Figure 1, billions of activated parameters: an input of the picture, compared in the report. */
export const FIGURE_1_ACTIVATED: Readonly<Record<PaperModel, string>> = {
  'deepseek-v3': '37',
  'kimi-k2': '32',
  'qwen3-235b-a22b': '22',
  'qwen3-32b': '32',
  'llama-4-maverick': '17',
  'minimax-m1': '46',
  'ernie-4.5-300b-a47b': '47',
  'pangu-pro-moe': '16.5',
  'step-3': '38',
};

export const FIGURE_3_MODELS = ['llama-4-maverick', 'minimax-m1', 'step-3'] as const;
export const FIGURE_3_CONTEXTS = { '8k': 8192, '32k': 32768, '128k': 131072 } as const;
/** KV GB at 8K, 32K, 128K, then USD per million tokens on H800 at the same contexts. */
const FIGURE_3: Readonly<Record<(typeof FIGURE_3_MODELS)[number], readonly string[]>> = {
  'llama-4-maverick': ['1.01', '2.21', '7.05', '0.175', '0.376', '1.117'],
  'minimax-m1': ['0.92', '1.93', '5.96', '0.179', '0.346', '1.013'],
  'step-3': ['0.26', '1.02', '4.09', '0.063', '0.190', '0.700'],
};

export const FIGURE_4_MODELS = ['pangu-pro-moe', 'step-3'] as const;
/** On 910B: decoding at 8K, at 32K, training at 8K. */
const FIGURE_4: Readonly<Record<(typeof FIGURE_4_MODELS)[number], readonly string[]>> = {
  'pangu-pro-moe': ['0.114', '0.395', '0.076'],
  'step-3': ['0.078', '0.168', '0.213'],
};
export const FIGURE_4_COLUMNS = ['decode-8k', 'decode-32k', 'train-8k'] as const;

const FIGURE_5: Readonly<Partial<Record<PaperModel, string>>> = { 'deepseek-v3': '512', 'qwen3-235b-a22b': '32', 'step-3': '128' };

const figure3: readonly PrintedCell[] = FIGURE_3_MODELS.flatMap((model) =>
  FIGURE_3[model].map((printed, index) => {
    const context = Object.keys(FIGURE_3_CONTEXTS)[index % 3] as keyof typeof FIGURE_3_CONTEXTS;
    const memory = index < 3;
    return printedCell(
      'figure-3',
      `${model}/${memory ? 'kv' : 'cost'}-${context}`,
      printed,
      `Figure 3, ${MODELS[model]}, ${memory ? 'KV GB' : 'cost on H800'} at ${context.toUpperCase()}`,
      memory ? 1e9 : 1,
    );
  }),
);

/** The plotted values of Figures 1, 3, 4 and the annotated intensities of Figure 5. */
export const figureCells: readonly PrintedCell[] = [
  ...MODEL_IDS.map((model) => printedCell('figure-1', model, FIGURE_1[model], `Figure 1, ${MODELS[model]}`)),
  ...figure3,
  ...FIGURE_4_MODELS.flatMap((model) =>
    FIGURE_4[model].map((printed, index) => printedCell('figure-4', `${model}/${FIGURE_4_COLUMNS[index]}`, printed, `Figure 4, ${MODELS[model]}, ${FIGURE_4_COLUMNS[index]} on 910B`)),
  ),
  ...Object.entries(FIGURE_5).map(([model, printed]) => printedCell('figure-5', model, printed, `Figure 5 and section 5.1, ${MODELS[model as PaperModel]}`)),
];
