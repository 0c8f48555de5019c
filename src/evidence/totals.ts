import type { ModelOperator } from '../models/lower.ts';
import { modelOf } from '../models/index.ts';
import type { Resolver } from './evidence.ts';
import { attendedAll, attendedChunk, attendedWindow, layersAttendedBytes, layersAttendedFlop, layersBytes, layersFlop, layersWeights } from './formulas.ts';
import type { NumberSpec } from './number.ts';
import { operatorName, operatorsOf } from './operators.ts';

/** Columns of a decoding total, and which operators add to each. */
const COLUMNS: Readonly<Record<string, { readonly label: string; readonly unit: string; readonly has: (operator: ModelOperator) => boolean }>> = {
  'kv-bytes': { label: 'KV and state bytes read', unit: 'B', has: ({ bytes }) => !bytes.kvRead.isZero || !bytes.state.isZero },
  'kv-write-bytes': { label: 'KV bytes written', unit: 'B', has: ({ bytes }) => !bytes.kvWrite.isZero },
  'core-flop': { label: 'core attention work', unit: 'FLOP', has: ({ part }) => part === 'core' },
  'linear-flop': { label: 'projection work', unit: 'FLOP', has: ({ part }) => part === 'linear' },
  'ffn-flop': { label: 'feed-forward work', unit: 'FLOP', has: ({ part }) => part === 'ffn' },
  'head-flop': { label: 'LM head work', unit: 'FLOP', has: ({ part }) => part === 'head' },
};

/**
 * `decode/<model>/<context>/<column>`: work or bytes of one decoded token, a sum over operators;
 * `decode/<model>/<context>/<column>/<operator>`: one term of it; `decode/<model>/<context>/attended/<group>`: attended tokens.
 */
export const decodeResolver: Resolver = ([model = '', context = '', column = '', term], { counting }) => {
  const { name, layers } = modelOf(model);
  const operators = operatorsOf(model, 'decode', counting);
  const id = `decode/${model}/${context}`;
  if (column === 'attended') return attended(layers[Number(term)]?.attention ?? null, `model/${model}/layers.${term}.attention`, context, counting.chunkPosition);
  const wanted = Object.hasOwn(COLUMNS, column) ? COLUMNS[column] : undefined;
  if (!wanted) return null;
  const counted = operators.filter((operator) => wanted.has(operator) && (wanted.unit !== 'FLOP' || !operator.flop.isZero));
  if (term === undefined) return { kind: 'sum', label: `${wanted.label} of ${name}, one token at context ${context}`, unit: wanted.unit, terms: counted.map((operator) => `${id}/${column}/${operatorName(operator)}`) };
  const operator = counted.find((candidate) => operatorName(candidate) === term);
  return operator ? termOf(operator, model, id, column, term) : null;
};

function termOf(operator: ModelOperator, model: string, id: string, column: string, term: string): NumberSpec {
  const quantity = (what: string): string => `operator/${model}/decode/${term}/${what}`;
  const layers = operator.group === null ? `model/${model}/one` : `model/${model}/layers.${operator.group}.count`;
  const label = `${COLUMNS[column]?.label} of ${term}`;
  const attendedId = `${id}/attended/${operator.group}`;
  if (column === 'kv-bytes') {
    return operator.kind === 'state-update'
      ? { kind: 'derived', label, card: layersBytes, inputs: { layers, bytesPerLayer: quantity('state-bytes') } }
      : { kind: 'derived', label, card: layersAttendedBytes, inputs: { layers, bytesPerToken: quantity('kv-bytes'), attended: attendedId } };
  }
  if (column === 'kv-write-bytes') return { kind: 'derived', label, card: layersBytes, inputs: { layers, bytesPerLayer: quantity('kv-bytes') } };
  if (operator.kind === 'attention-core') return { kind: 'derived', label, card: layersAttendedFlop, inputs: { layers, flopPerAttended: quantity('flop'), attended: attendedId } };
  return { kind: 'derived', label, card: layersFlop, inputs: { layers, flopPerLayer: quantity('flop') } };
}

function attended(attention: { readonly kind: string } | null, path: string, context: string, chunkPosition: boolean): NumberSpec | null {
  if (!attention) return null;
  const contextLength = `context/${context}`;
  const label = `tokens attended by ${attention.kind}`;
  if (attention.kind === 'sliding-window') return { kind: 'derived', label, card: attendedWindow, inputs: { contextLength, window: `${path}.window` } };
  if (attention.kind !== 'chunked') return { kind: 'derived', label, card: attendedAll, inputs: { contextLength } };
  return chunkPosition
    ? { kind: 'derived', label, card: attendedChunk, inputs: { contextLength, chunk: `${path}.chunk` } }
    : { kind: 'derived', label, card: attendedWindow, inputs: { contextLength, window: `${path}.chunk` } };
}

/**
 * `parameters/<model>/<total|active>/<all|without-input-embedding|without-embeddings>` and, below `/<operator>`, one term.
 * Conventions as `parameters` in src/models.
 */
export const parameterResolver: Resolver = ([model = '', kind = '', convention = '', term], { counting }) => {
  if (kind !== 'total' && kind !== 'active') return null;
  const left: Readonly<Record<string, readonly string[]>> = { all: [], 'without-input-embedding': ['embedding'], 'without-embeddings': ['embedding', 'head'] };
  const leftOut = Object.hasOwn(left, convention) ? left[convention] : undefined;
  if (!leftOut) return null;
  const operators = operatorsOf(model, 'decode', counting).filter(({ weights, part }) => weights > 0 && !leftOut.includes(part));
  if (term === undefined) {
    const words = convention.replaceAll('-', ' ');
    return { kind: 'sum', label: `${kind} parameters of ${modelOf(model).name} (${words})`, unit: '1', terms: operators.map((operator) => `parameters/${model}/${kind}/${convention}/${operatorName(operator)}`) };
  }
  const operator = operators.find((candidate) => operatorName(candidate) === term);
  if (!operator) return null;
  const layers = operator.group === null ? `model/${model}/one` : `model/${model}/layers.${operator.group}.count`;
  return { kind: 'derived', label: `${kind} parameters of ${term}`, card: layersWeights, inputs: { layers, weights: `operator/${model}/decode/${term}/${kind === 'total' ? 'weights' : 'active-weights'}` } };
};
