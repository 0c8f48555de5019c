import type { NumberSpec } from '../../evidence/number.ts';
import { largestTile } from '../../models/index.ts';
import { encoderActivationBytes, encoderScoreBytes, encoderWidest } from '../../timing/encoder-memory.ts';
import { activationBytes } from '../../timing/memory.ts';
import { EPD_MODELS, type EpdModel } from './data/tables.ts';
import { bytesOfPatch, feedForwardOutputs, timesAsManyBytes } from './formulas.ts';
import { imageIn } from './images.ts';
import { derived, ID } from './item.ts';
import { LARGE } from './memory-model.ts';

type Numbers = Readonly<Record<string, NumberSpec>>;

const given = (label: string, value: number, from: string): NumberSpec => ({ kind: 'leaf', label, value, unit: '1', source: { kind: 'derived', from } });

/** How a fitted constant is predicted: `patch/fused`, `patch/eager` (scores of a layer kept whole), `token/prefill`. */
export const PREDICTIONS = ['patch/fused', 'patch/eager', 'token/prefill'] as const;
export type Prediction = (typeof PREDICTIONS)[number];

export const predictionId = (model: EpdModel, prediction: Prediction): string => `${ID}/prediction/${model}/${prediction}`;

/** Numbers of one model below `epd/prediction/<model>/`. */
function numbersOf(model: EpdModel): Numbers {
  const id = (path: string): string => `${ID}/prediction/${model}/${path}`;
  const vision = (field: string): string => `model/${model}/vision.${field}`;
  const fittedId = (constant: string): string => `${ID}/fit/${model}/${constant}`;
  const patches = { patches: id('tile-patches') };
  const ratio = (prediction: string, constant: string): NumberSpec =>
    derived(`predicted over fitted: ${constant}, ${model}, ${prediction}`, timesAsManyBytes, { value: id(prediction), other: fittedId(constant) });
  const ofPatch = (attention: string): readonly (readonly [string, NumberSpec])[] => [
    [`patch/${attention}`, derived(`activations of a patch of ${model}, attention ${attention}, from the architecture`, bytesOfPatch, { bytes: id(`tile/${attention}`), ...patches })],
    [`patch/${attention}/ratio`, ratio(`patch/${attention}`, 'patch-bytes')],
    [`patch/${attention}/encode-prefill-ratio`, ratio(`patch/${attention}`, 'encode-prefill-patch-bytes')],
  ];
  return {
    'tile-patches': given(`patches of a tile of ${LARGE} in ${model}`, largestTile(imageIn(model, LARGE)).patches, 'image rule of the model, largest tile'),
    widest: derived(`outputs of the widest matrix of the encoder of ${model}`, encoderWidest, {
      attentionWidth: vision('attentionWidth'),
      intermediate: vision('intermediate'),
      inputMatrices: vision('inputMatrices'),
    }),
    'tile/fused': derived(`activations of a tile of ${model}, attention fused, from the architecture`, encoderActivationBytes, {
      ...patches,
      hidden: vision('hidden'),
      attentionWidth: vision('attentionWidth'),
      widest: id('widest'),
    }),
    'tile/scores': derived(`attention scores of a tile of ${model}, one layer`, encoderScoreBytes, { heads: vision('heads'), ...patches }),
    'tile/eager': { kind: 'sum', label: `activations of a tile of ${model}, attention eager, from the architecture`, unit: 'B', terms: [id('tile/fused'), id('tile/scores')] },
    ...Object.fromEntries([...ofPatch('fused'), ...ofPatch('eager')]),
    'one-token': given('a token more', 1, 'definition'),
    'no-request': given('requests whose logits a token more adds', 0, 'logits are made once a request, whatever its tokens'),
    'token/widest': derived(`outputs of the widest matrix of ${model}`, feedForwardOutputs, {
      intermediate: `model/${model}/layers.0.ffn.intermediate`,
      inputMatrices: `model/${model}/layers.0.ffn.inputMatrices`,
    }),
    'token/prefill': derived(`activations of a token in a prefill pass of ${model}, from the architecture`, activationBytes, {
      tokens: id('one-token'),
      hidden: `model/${model}/hidden`,
      widest: id('token/widest'),
      requests: id('no-request'),
      vocabulary: `model/${model}/vocabulary`,
    }),
    'token/prefill/ratio': ratio('token/prefill', 'token-bytes'),
  };
}

/** `epd/prediction/<model>/<patch|token>/<variant>` and `.../ratio`, predicted over fitted; on the worker that also prefills `.../encode-prefill-ratio`. */
export function predictionNumber([kind = '', model = '', ...path]: readonly string[]): NumberSpec | null {
  const known = EPD_MODELS.find((each) => each === model);
  if (kind !== 'prediction' || known === undefined) return null;
  const numbers = numbersOf(known);
  const key = path.join('/');
  return Object.hasOwn(numbers, key) ? (numbers[key] as NumberSpec) : null;
}
