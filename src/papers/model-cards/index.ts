import { coreResolvers } from '../../evidence/index.ts';
import type { Paper } from '../paper.ts';
import type { PrintedCell } from '../printed.ts';
import { FIGURES } from './figures.ts';

const ID = 'model-cards';

const cells: readonly PrintedCell[] = FIGURES.flatMap(({ model, total, active, where }) => {
  const cell = (table: string, printed: string): PrintedCell => ({ id: `${ID}/${table}/${model}`, paper: ID, table, printed, scale: 1e9, where: `${table} of ${model}, ${where}` });
  return [cell('total', total), ...(active === undefined ? [] : [cell('active', active)])];
});

/** What publishers say of their models' parameters: totals, and active ones in the convention that gives their figure. */
export const modelCards: Paper = {
  id: ID,
  title: 'Published parameter counts',
  reference: 'model cards',
  url: 'https://huggingface.co/models',
  cells,
  /** `model-cards/<total|active>/<model>` */
  resolver: ([table = '', model = '', ...rest], scenario) => {
    const figures = FIGURES.find((candidate) => candidate.model === model);
    if (figures === undefined || rest.length > 0) return null;
    if (table === 'total') return coreResolvers.parameters?.([model, 'total', 'all'], scenario) ?? null;
    if (table !== 'active' || figures.convention === undefined) return null;
    return coreResolvers.parameters?.([model, 'active', figures.convention], scenario) ?? null;
  },
  deviations: [
    { cell: `${ID}/total/deepseek-v3.2`, because: 'the published total is that of DeepSeek-V3; the indexers of all layers add to it' },
    { cell: `${ID}/total/qwen3-vl-235b-a22b`, because: 'the name counts the language model; the vision encoder and its mergers are beside it' },
    { cell: `${ID}/total/gemma-4-26b-a4b`, because: 'the published total is that of the language model; the vision encoder is beside it' },
    { cell: `${ID}/total/gpt-oss-120b`, because: 'the published total holds the biases of the experts, which are not counted here' },
    { cell: `${ID}/total/qwen1.5-32b`, because: 'the size of the checkpoint holds the biases of query, key and value and the norms, which are not counted here' },
    { cell: `${ID}/total/glm-4.5`, because: 'the published total lies between the count without the prediction head and the count with it' },
    { cell: `${ID}/total/step-3.5-flash`, because: 'unexplained; the publisher splits its total into a backbone and a head' },
    { cell: `${ID}/total/kimi-linear-48b-a3b`, because: 'the name is rounded down; the experts alone come to 47' },
    { cell: `${ID}/active/qwen3-30b-a3b`, because: 'the published figure is cut, not rounded' },
    { cell: `${ID}/active/hunyuan-large`, because: 'the published figure counts the one table of the tied embeddings twice' },
  ],
  open: [],
};
