import { layersWeights } from '../../evidence/formulas.ts';
import type { NumberSpec } from '../../evidence/number.ts';
import { ENDS, type MatrixSpec, type VisionSpec, visionLayerWeights, visionMatrixWeights } from '../../layers/vision.ts';
import { from, resolve, type SourcedTree } from '../../provenance/sourced.ts';

const stated = from({
  kind: 'repository',
  repo: 'vllm-project/vllm',
  file: 'vllm/transformers_utils/configs/step3_vl.py',
  revision: 'fb6c0501838195b3f6d715e5a1cf0be42546d27a',
  read: '2026-11-28',
});
const follows = (how: string) => from({ kind: 'derived', from: how });
const built = from({
  kind: 'repository',
  repo: 'vllm-project/vllm',
  file: 'vllm/model_executor/models/step3_vl.py',
  revision: '020efdf7a5d22dd6726440ca5b032cf2e1b6ad02',
  read: '2026-11-28',
});

const width = stated(1792);
const output = stated(4096);
const double = follows('2 x output_hidden_size')(8192);
const text = from({ kind: 'config', repo: 'stepfun-ai/step3', file: 'config.json', key: 'hidden_size' })(7168);

const matrix = (name: string, inputs: MatrixTree['inputs'], outputs: MatrixTree['outputs'], rows: MatrixSpec['rows']): MatrixTree => ({ name: built(name), inputs, outputs, rows: built(rows) });
type MatrixTree = Extract<SourcedTree<MatrixSpec>, { readonly inputs: unknown }>;

/**
 * The vision encoder of Step-3, which the paper counts in one total alone. It is not in the catalogue's Step-3: the paper's deployments decode text, and none of
 * their chips holds it.
 */
export const step3Encoder = resolve<VisionSpec>({
  layers: stated(63),
  hidden: width,
  attentionWidth: width,
  heads: stated(16),
  intermediate: from({
    kind: 'assumed',
    because:
      'no source that was read states it, and the default of the config class does not lead to the published total: it is the width of the encoder that has the same other dimensions, EVA02-CLIP-E/14 (width 1792, 16 heads, 64 layers of which the last is left out; huggingface/pytorch-image-models timm/models/eva.py@7479d451a6df, mlp_ratio 15360 / 1792)',
  })(15360),
  gated: built(false),
  stem: [
    matrix('patch embedding', follows('3 channels x patch_size 14^2')(588), width, 'patches'),
    matrix('positions', follows('(image_size 728 / patch_size 14)^2 patches and 1')(2705), width, 'table'),
  ],
  connector: [
    matrix('downsampler of 2 x 2', follows('4 taps x hidden_size')(7168), output, 'tokens'),
    matrix('downsampler of 3 x 3', follows('9 taps x output_hidden_size')(36864), double, 'tokens'),
    matrix('projection', double, text, 'tokens'),
  ],
});

const { value: encoder, sources } = step3Encoder;

const id = (path: string): string => `step3/encoder/${path}`;

const leaf = (path: string, value: number, label: string, sourcePath = path): readonly [string, NumberSpec] => [
  path,
  { kind: 'leaf', label: `${label} of the vision encoder of Step-3`, value, unit: '1', source: sources.get(sourcePath)?.source ?? { kind: 'assumed', because: 'no source recorded' } },
];

const matrices = ENDS.flatMap((end) => encoder[end].map((spec, index) => ({ path: `${end}.${index}`, spec })));

/** Numbers of the encoder below `step3/encoder/`: its sizes, `weights/<part>`, and `weights`, their sum. */
export const encoderNumbers: Readonly<Record<string, NumberSpec>> = Object.fromEntries([
  leaf('layers', encoder.layers, 'layers'),
  leaf('hidden', encoder.hidden, 'width'),
  leaf('attentionWidth', encoder.attentionWidth, 'width of all heads'),
  leaf('intermediate', encoder.intermediate, 'intermediate width'),
  leaf('inputMatrices', encoder.gated ? 2 : 1, 'input matrices of the feed-forward layers (2 when gated)', 'gated'),
  ...matrices.flatMap(({ path, spec }) => [
    leaf(`${path}.inputs`, spec.inputs, `inputs of "${spec.name}"`),
    leaf(`${path}.outputs`, spec.outputs, `outputs of "${spec.name}"`),
    [
      `weights/${path}`,
      { kind: 'derived', label: `weights of "${spec.name}" of the vision encoder of Step-3`, card: visionMatrixWeights, inputs: { inputs: id(`${path}.inputs`), outputs: id(`${path}.outputs`) } },
    ] as const,
  ]),
  [
    'weights/layer',
    {
      kind: 'derived',
      label: 'weights of a layer of the vision encoder of Step-3',
      card: visionLayerWeights,
      inputs: { hidden: id('hidden'), attentionWidth: id('attentionWidth'), intermediate: id('intermediate'), inputMatrices: id('inputMatrices') },
    },
  ] as const,
  ['weights/layers', { kind: 'derived', label: 'weights of all layers of the vision encoder of Step-3', card: layersWeights, inputs: { layers: id('layers'), weights: id('weights/layer') } }] as const,
  [
    'weights',
    { kind: 'sum', label: 'parameters of the vision encoder of Step-3, connector included', unit: '1', terms: ['layers', ...matrices.map(({ path }) => path)].map((part) => id(`weights/${part}`)) },
  ] as const,
]);

/** Parameters of the language model and of the vision encoder. */
export const vlmParameters: NumberSpec = {
  kind: 'sum',
  label: 'parameters of Step-3, vision encoder included',
  unit: '1',
  terms: ['parameters/step-3/total/all', id('weights')],
};
