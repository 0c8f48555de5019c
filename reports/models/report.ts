import { cacheCurves } from '../../src/chart/index.ts';
import { contextGrid } from '../../src/compare/index.ts';
import { modelCache } from '../../src/models/cache.ts';
import { modelOf, precisionPolicies } from '../../src/models/index.ts';
import { claim, type ReportDefinition } from '../../src/report/definition.ts';
import type { FigureBlock } from '../../src/report/view.ts';
import { si } from '../../src/units/format.ts';
import { AT, CACHE, CONTEXT, modelsContext } from './context.ts';
import { cacheSection, costSection, parametersSection } from './sections.ts';

const title = "What do today's models keep for a request, and what does a token of each cost?";

/** One model for each way of keeping less: grouped heads, latents, windows, sparse reads, compressed entries, recurrent states. */
const DRAWN = ['qwen3-235b-a22b', 'qwen3-32b', 'gemma-3-27b', 'deepseek-v3', 'step-3', 'gpt-oss-120b', 'minimax-m1', 'qwen3-next-80b-a3b', 'deepseek-v4-pro'] as const;

function lead(): FigureBlock {
  const rows = DRAWN.map(modelOf).flatMap((model) => {
    const { perRequest } = modelCache({ ...model, precision: precisionPolicies.bf16 });
    return contextGrid(1024, 1_048_576, 4).map((context) => ({
      model: model.id,
      name: model.name,
      context,
      bytesPerRequest: perRequest.evaluate(context),
      beyondTrained: model.maxContext !== null && context > model.maxContext,
    }));
  });
  const atOneMillion = rows.filter(({ context }) => context === 1_048_576).sort((a, b) => a.bytesPerRequest - b.bytesPerRequest);
  return {
    kind: 'figure',
    anchor: 'kept-per-request',
    label: 'Figure A',
    chart: cacheCurves(rows, {
      id: 'kept-per-request',
      title: claim(
        'Compressed attention keeps the least at a million tokens, plain grouped heads the most',
        atOneMillion[0]?.model === 'deepseek-v4-pro' && atOneMillion.at(-1)?.model === 'qwen3-32b',
      ),
      description: 'Bytes that a request keeps in KV cache and states against its context length from 1K to 1M tokens, for nine models with different kinds of attention, both axes logarithmic.',
    }),
    note: 'Cache in BF16, states in FP32, index keys in FP8; windows as rings of their size. Dashed beyond the trained context.',
    source: 'Computed from the configs of the models, see {{#cache}}.',
  };
}

/** The catalogue: parameters beside the published ones, what requests keep, what a token costs on each chip. */
export const modelsReport: ReportDefinition = {
  id: 'models',
  title,
  build: (report) => {
    const context = modelsContext(report);
    const { numbers, cells, value } = context;
    const key = (id: string, format: (value: number) => string, meaning: string) => ({ number: numbers.reference(id, format(value(id))), meaning });
    const bytesText = (bytes: number): string => si(bytes, 'B');
    const request = (model: string): string => `cache/${model}/${CONTEXT}/request@${CACHE}`;
    const keyNumbers = [
      key(request('llama-3.1-70b'), bytesText, `is what a request of ${AT} tokens keeps with Llama 3.1 70B`),
      key(request('deepseek-v3.2'), bytesText, 'the same with DeepSeek-V3.2, index keys included'),
      key(request('gpt-oss-120b'), bytesText, 'with gpt-oss-120b, half of whose layers attend a window'),
      key('scoreboard/model-cards/reproduced', (count) => count.toFixed(0), 'published parameter counts come out at their printed digits'),
    ];
    const sections = [parametersSection(context), cacheSection(context), costSection(context)];
    const deviations = cells.deviations();
    return {
      id: 'models',
      title,
      subtitle: 'Models read from their own configs, key by key. Open any number to see the formula, and the key of the config at the end of it.',
      papers: [],
      scenario: 'paper',
      generator: report.generator,
      keyNumbers,
      lead: lead(),
      sections,
      deviations,
      assumptions: [
        { statement: 'Costs are bounds: a chip is always busy, computes while it reads, and the batch is ideal.', because: 'Expected times need measured constants, which come later.' },
        { statement: 'One format for all models: caches in BF16, costs in FP8.', because: 'Formats that are chosen model by model would hide what the architectures do.' },
        { statement: 'Recurrent states are kept in FP32, index keys in FP8 with a scale.', because: 'Serving systems do so unless they are told otherwise.' },
        { statement: 'Norms and biases are not counted.', because: 'They are below a thousandth of the parameters of every model here.' },
        { statement: 'A layer that shares the cache of another stores nothing and reads all of it.', because: 'Each layer has queries of its own.' },
      ],
      ...numbers.views(),
    };
  },
};
