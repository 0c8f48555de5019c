import { layersBytes } from '../../evidence/formulas.ts';
import type { NumberSpec } from '../../evidence/number.ts';
import { operatorName } from '../../evidence/operators.ts';
import { weightBytes } from '../../layers/gemm.ts';
import { gqaKvBytes } from '../../layers/grouped-query.ts';
import { mmCacheBytes, modelOf, paddedPatches, tileBytes } from '../../models/index.ts';
import { lowerModel } from '../../models/lower.ts';
import type { FormulaCard } from '../../provenance/card.ts';
import { PROFILE } from '../../serving/disaggregation/kv-capacity.ts';
import {
  activationRoom,
  batchByTiles,
  batchByTokens,
  freeMemory,
  imagesByTiles,
  imagesByTokens,
  kvTokenLimit,
  largestKvShare,
  passActivations,
  promptTokenLimit,
  requestPatches,
  requestTokens,
  tileLimit,
} from '../../serving/multimodal/memory-formulas.ts';
import { EPD_MODELS, type EpdModel, RESOLUTIONS, type Resolution, tableSettings } from './data/tables.ts';
import { kvPoolBytes } from './formulas.ts';
import { imageIn } from './images.ts';
import { derived, ID, printedLeaf } from './item.ts';
import { fittedConstants, memoryFitProcedure } from './memory-fit.ts';
import { CAPACITY, cellsOf, ELEMENT_BYTES, type EpdConstants, type EpdStage } from './memory-model.ts';

const input = (name: string): string => `${ID}/input/${name}`;
const leaf = (label: string, value: number, unit: string, from: string): NumberSpec => ({ kind: 'leaf', label, value, unit, source: { kind: 'derived', from } });
const E1 = 'Appendix E.1';

const settingLeaves: Readonly<Record<string, NumberSpec>> = {
  capacity: { kind: 'leaf', label: 'memory that an A100 with 80 GB has, as reported', value: CAPACITY, unit: 'B', source: PROFILE },
  'kv-share': printedLeaf('share of the free memory that KV is given', tableSettings.kvShare, '1', 'Tables 2 and 3'),
  'no-kv': leaf('share of the free memory that KV is given on an encode worker', 0, '1', 'it holds no KV'),
  'cache-entries': printedLeaf('entries of the multimedia cache', tableSettings.cacheEntries, '1', E1),
  'element-bytes': printedLeaf('bytes of an element in FP16', ELEMENT_BYTES, 'B', E1),
  'text-tokens': printedLeaf('tokens of the text of a prompt', tableSettings.textTokens, 'token', E1),
  'no-text': leaf('tokens of the text, which is not held against the context', 0, 'token', 'the tables count image tokens alone against the context'),
  'no-patches': leaf('patches of a worker that does not encode', 0, '1', 'it does not encode'),
  'no-tokens': leaf('tokens of a worker that does not prefill', 0, 'token', 'it does not prefill'),
};

const isModel = (id: string): id is EpdModel => (EPD_MODELS as readonly string[]).includes(id);
const isResolution = (id: string): id is Resolution => (RESOLUTIONS as readonly string[]).includes(id);
const STAGES: readonly string[] = ['encode', 'prefill', 'encode-prefill'] satisfies readonly EpdStage[];

/** `epd/input/<name>`, `epd/input/images/<n>`, `epd/input/<patches|image-tokens|prompt-tokens>/<model>/<resolution>`. */
function inputNumber([name = '', model = '', resolution = '', ...rest]: readonly string[]): NumberSpec | null {
  if (rest.length > 0) return null;
  if (model === '') return Object.hasOwn(settingLeaves, name) ? (settingLeaves[name] as NumberSpec) : null;
  if (name === 'images') return /^[1-9]\d{0,3}$/.test(model) && resolution === '' ? leaf('images of a request', Number(model), '1', 'the question asked') : null;
  if (!isModel(model) || !isResolution(resolution)) return null;
  const shape = imageIn(model, resolution);
  const image = `an image of ${resolution} in ${model}`;
  switch (name) {
    case 'patches':
      return leaf(`patches of ${image}, padding included`, paddedPatches(shape), '1', 'image rule of the model; tiles of a pass are padded to the largest');
    case 'image-tokens':
      return leaf(`tokens of the tiles of ${image}`, shape.tokens, 'token', 'image rule of the model: tiles times tokens of a tile');
    case 'prompt-tokens':
      return leaf(`tokens that ${image} adds to a prompt`, shape.promptTokens, 'token', 'image rule of the model: tokens of its tiles and its markers');
    default:
      return null;
  }
}

const CONSTANTS: Readonly<Record<string, readonly [key: keyof EpdConstants, meaning: string, unit: string]>> = {
  'patch-bytes': ['patch', 'activations of a patch on the encode worker', 'B'],
  'encode-prefill-patch-bytes': ['encodePrefillPatch', 'activations of a patch on the worker that encodes and prefills', 'B'],
  'token-bytes': ['token', 'activations of a token in a prefill pass', 'B/token'],
  'reserved-bytes': ['reserved', 'memory that is neither cache nor activation', 'B'],
};

/** `epd/fit/<model>/<constant>`: found from the printed cells, `epd/printed/<cell>`, and what the workers hold. */
function fitNumber([model = '', constant = '', ...rest]: readonly string[]): NumberSpec | null {
  if (!isModel(model) || !Object.hasOwn(CONSTANTS, constant) || rest.length > 0) return null;
  const [key, meaning, unit] = CONSTANTS[constant] as (typeof CONSTANTS)[string];
  const held = ['encode', 'prefill', 'encode-prefill'].map((stage): [string, string] => [`free-${stage}`, `${ID}/free/${model}/${stage}`]);
  const cells = cellsOf(model).map(({ path }, at): [string, string] => [`cell${at + 1}`, `${ID}/printed/${path}`]);
  return { kind: 'found', label: `${meaning}, ${model}, fitted`, value: fittedConstants(model)[key], unit, card: memoryFitProcedure, inputs: Object.fromEntries([...held, ...cells]) };
}

/** `epd/printed/<cell>`: what the paper prints, OOM and OOCL as 0 and 1, as `checksPassed` counts. */
function printedNumber(path: readonly string[]): NumberSpec | null {
  const [, model = ''] = path;
  const cell = isModel(model) ? cellsOf(model).find((candidate) => candidate.path === path.join('/')) : undefined;
  if (cell === undefined) return null;
  const value = typeof cell.printed === 'number' ? cell.printed : cell.printed === 'OOM' ? 0 : 1;
  return printedLeaf(`printed: ${cell.path}${typeof cell.printed === 'number' ? '' : `, ${cell.printed}`}`, value, '1', `Table ${cell.table}`);
}

/** `epd/<what>/<model>/<stage>`: what a worker holds and what it can take at the settings of the tables. */
function workerNumber(what: string, model: EpdModel, stage: EpdStage): NumberSpec | null {
  const of = (name: string): string => `${ID}/${name}/${model}/${stage}`;
  const [encodes, prefills] = [stage !== 'prefill', stage !== 'encode'];
  const worker = `${stage} worker of ${model}`;
  switch (what) {
    case 'weights':
      return {
        kind: 'sum',
        label: `weights of the ${worker}`,
        unit: 'B',
        terms: [...(encodes ? [`${ID}/encoder-bytes/${model}`] : []), ...(prefills ? [`${ID}/language-bytes/${model}`] : [])],
      };
    case 'free':
      return derived(`free memory of the ${worker}`, freeMemory, { capacity: input('capacity'), weightBytes: of('weights'), cacheBytes: `${ID}/multimedia-cache/${model}` });
    case 'room':
      return derived(`memory for activations on the ${worker}`, activationRoom, {
        freeBytes: of('free'),
        kvShare: input(prefills ? 'kv-share' : 'no-kv'),
        reservedBytes: `${ID}/fit/${model}/reserved-bytes`,
      });
    case 'tile-limit':
      return encodes ? derived(`patches that the ${worker} takes`, tileLimit, { roomBytes: of('room'), patchBytes: patchConstant(model, stage) }) : null;
    case 'token-limit':
      return prefills ? derived(`tokens that the ${worker} takes`, promptTokenLimit, { roomBytes: of('room'), tokenBytes: `${ID}/fit/${model}/token-bytes` }) : null;
    case 'kv-tokens':
      return prefills
        ? derived(`tokens that the KV cache of the ${worker} holds`, kvTokenLimit, { freeBytes: of('free'), kvShare: input('kv-share'), kvBytesPerToken: `${ID}/kv-per-token/${model}` })
        : null;
    case 'kv-pool':
      return prefills ? derived(`KV cache of the ${worker}`, kvPoolBytes, { kvShare: input('kv-share'), freeBytes: of('free') }) : null;
    default:
      return null;
  }
}

const patchConstant = (model: EpdModel, stage: EpdStage): string => `${ID}/fit/${model}/${stage === 'encode' ? 'patch-bytes' : 'encode-prefill-patch-bytes'}`;

const LIMITS: Readonly<Record<string, { readonly tiles: FormulaCard; readonly tokens: FormulaCard }>> = {
  'images-by': { tiles: imagesByTiles, tokens: imagesByTokens },
  'batch-by': { tiles: batchByTiles, tokens: batchByTokens },
};

/** `epd/<images-by|batch-by>/<tiles|tokens|kv|context>/<model>/<stage>/<resolution>`, batches of 10 images a request. */
function limitNumber(what: string, by: string, model: EpdModel, stage: EpdStage, resolution: Resolution): NumberSpec | null {
  const cards = Object.hasOwn(LIMITS, what) ? LIMITS[what] : undefined;
  if (cards === undefined || !['tiles', 'tokens', 'kv', 'context'].includes(by)) return null;
  const batch = what === 'batch-by' ? { images: input(`images/${tableSettings.batchImages}`) } : {};
  const label = `${batch.images === undefined ? 'images of a request' : 'requests of ten images'} of ${resolution}, ${stage} worker of ${model}, by ${by}`;
  const of = (name: string): string => `${ID}/${name}/${model}/${stage}`;
  const image = (name: string): string => input(`${name}/${model}/${resolution}`);
  if (by === 'tiles') return derived(label, cards.tiles, { patchLimit: of('tile-limit'), patchesPerImage: image('patches'), ...batch });
  if (by === 'context') return derived(label, cards.tokens, { tokenLimit: `model/${model}/maxContext`, textTokens: input('no-text'), tokensPerImage: image('image-tokens'), ...batch });
  return derived(label, cards.tokens, { tokenLimit: of(by === 'kv' ? 'kv-tokens' : 'token-limit'), textTokens: input('text-tokens'), tokensPerImage: image('prompt-tokens'), ...batch });
}

/** `epd/<request-patches|request-tokens|request-image-tokens|activations|kv-left>/<model>/<stage>/<resolution>/<images>`: one request and what a worker has left for KV beside it. */
function requestNumber(what: string, model: EpdModel, stage: EpdStage, resolution: Resolution, images: string): NumberSpec | null {
  const of = (name: string): string => `${ID}/${name}/${model}/${stage}/${resolution}/${images}`;
  const request = `${images} images of ${resolution} in ${model}`;
  const asked = { images: input(`images/${images}`) };
  const image = (name: string): string => input(`${name}/${model}/${resolution}`);
  switch (what) {
    case 'request-patches':
      return derived(`patches of ${request}`, requestPatches, { ...asked, patchesPerImage: image('patches') });
    case 'request-tokens':
      return derived(`tokens of a prompt of ${request}`, requestTokens, { ...asked, tokensPerImage: image('prompt-tokens'), textTokens: input('text-tokens') });
    case 'request-image-tokens':
      return derived(`image tokens of ${request}`, requestTokens, { ...asked, tokensPerImage: image('image-tokens'), textTokens: input('no-text') });
    case 'activations':
      return derived(`activations of ${request}, ${stage} worker`, passActivations, {
        patches: stage === 'prefill' ? input('no-patches') : of('request-patches'),
        patchBytes: patchConstant(model, stage),
        tokens: stage === 'encode' ? input('no-tokens') : of('request-tokens'),
        tokenBytes: `${ID}/fit/${model}/token-bytes`,
      });
    case 'kv-left':
      return stage === 'encode'
        ? null
        : derived(`share of the free memory for KV beside ${request}, ${stage} worker`, largestKvShare, {
            reservedBytes: `${ID}/fit/${model}/reserved-bytes`,
            activationBytes: of('activations'),
            freeBytes: `${ID}/free/${model}/${stage}`,
          });
    case 'peak':
      return {
        kind: 'sum',
        label: `memory at the peak, ${request}, ${stage} worker`,
        unit: 'B',
        terms: [
          `${ID}/weights/${model}/${stage}`,
          `${ID}/multimedia-cache/${model}`,
          of('activations'),
          `${ID}/fit/${model}/reserved-bytes`,
          ...(stage === 'encode' ? [] : [`${ID}/kv-pool/${model}/${stage}`]),
        ],
      };
    default:
      return null;
  }
}

/** A sum over the operators of a model. */
const parametersOf = (model: EpdModel, label: string, has: (part: string) => boolean): NumberSpec => ({
  kind: 'sum',
  label,
  unit: '1',
  terms: lowerModel(modelOf(model))
    .filter(({ part, weights }) => weights > 0 && has(part))
    .map((operator) => `parameters/${model}/total/all/${operatorName(operator)}`),
});

/** What the cells of memory are computed from, by id; see the functions above. */
export function memoryNumber(path: readonly string[]): NumberSpec | null {
  const [kind = '', ...rest] = path;
  if (kind === 'input') return inputNumber(rest);
  if (kind === 'fit') return fitNumber(rest);
  if (kind === 'printed') return printedNumber(rest);
  if (Object.hasOwn(LIMITS, kind)) {
    const [by = '', model = '', stage = '', resolution = '', ...more] = rest;
    return isModel(model) && STAGES.includes(stage) && isResolution(resolution) && more.length === 0 ? limitNumber(kind, by, model, stage as EpdStage, resolution) : null;
  }
  const [model = '', stage = '', resolution = '', images = '', ...more] = rest;
  if (!isModel(model) || more.length > 0) return null;
  if (stage === '') {
    const bytes = (parameters: string): NumberSpec => derived(`bytes of weights of ${model}`, weightBytes, { weights: parameters, bytesPerElement: input('element-bytes') });
    switch (kind) {
      case 'encoder-bytes':
        return bytes(`${ID}/encoder-parameters/${model}`);
      case 'encoder-layer-bytes':
        return bytes(`parameters/${model}/total/all/vision`);
      case 'language-bytes':
        return bytes(`${ID}/language-parameters/${model}`);
      case 'both-bytes':
        return { kind: 'sum', label: `weights of encoder layers and language model of ${model}`, unit: 'B', terms: [`${ID}/encoder-layer-bytes/${model}`, `${ID}/language-bytes/${model}`] };
      case 'multimedia-cache':
        return derived(`multimedia cache, ${model}`, mmCacheBytes, { entries: input('cache-entries'), bytes: `${ID}/tile-bytes/${model}` });
      case 'tile-bytes':
        return derived(`multimedia tokens of a tile, ${model}`, tileBytes, { tokens: `model/${model}/images.image.tokens`, hidden: `model/${model}/hidden`, elementBytes: input('element-bytes') });
      case 'kv-per-token':
        return derived(`keys and values of a token of ${model}, FP16`, layersBytes, { layers: `model/${model}/layers.0.count`, bytesPerLayer: `${ID}/kv-per-layer/${model}` });
      case 'kv-per-layer':
        return derived(`keys and values of a token of ${model} in a layer, FP16`, gqaKvBytes, {
          kvHeads: `model/${model}/layers.0.attention.kvHeads`,
          headDim: `model/${model}/layers.0.attention.headDim`,
          bytesPerElement: input('element-bytes'),
        });
      case 'encoder-parameters':
        return parametersOf(model, `parameters of the encoder of ${model}, connector included`, (part) => part === 'vision');
      case 'language-parameters':
        return parametersOf(model, `parameters of the language model of ${model}, embedding and head included`, (part) => part !== 'vision');
      default:
        return null;
    }
  }
  if (!STAGES.includes(stage)) return null;
  if (resolution === '') return workerNumber(kind, model, stage as EpdStage);
  return isResolution(resolution) && /^[1-9]\d{0,3}$/.test(images) ? requestNumber(kind, model, stage as EpdStage, resolution, images) : null;
}
