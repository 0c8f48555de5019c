import type { ModelOperator } from '../models/lower.ts';
import type { Resolver } from './evidence.ts';
import { attendedAll, attendedChosen, attendedChunk, attendedEntries, attendedWindow, layersAttendedBytes, layersAttendedFlop, layersBytes, layersFlop, layersWeights } from './formulas.ts';
import type { NumberSpec } from './number.ts';
import { operatorName, operatorsOf } from './operators.ts';
import type { Scenario } from './scenario.ts';

interface Column {
  readonly label: string;
  readonly unit: string;
  readonly has: (operator: ModelOperator) => boolean;
}

/** Columns of a decoded token's total that grow with the context, and which operators add to each. */
const CONTEXT_COLUMNS: Readonly<Record<string, Column>> = {
  'kv-bytes': { label: 'KV and state bytes read', unit: 'B', has: ({ bytes }) => !bytes.kvRead.isZero || !bytes.state.isZero },
  'core-flop': { label: 'core attention work', unit: 'FLOP', has: ({ part }) => part === 'core' },
};

/** Columns that are the same at every context. */
const TOKEN_COLUMNS: Readonly<Record<string, Column>> = {
  'kv-write-bytes': { label: 'KV bytes written', unit: 'B', has: ({ bytes }) => !bytes.kvWrite.isZero },
  'linear-flop': { label: 'projection work', unit: 'FLOP', has: ({ part }) => part === 'linear' },
  'ffn-flop': { label: 'feed-forward work', unit: 'FLOP', has: ({ part }) => part === 'ffn' },
  'head-flop': { label: 'LM head work', unit: 'FLOP', has: ({ part }) => part === 'head' },
};

/**
 * `decode/<model>/<context>/<kv-bytes|core-flop>`: bytes or work of one decoded token, a sum over operators; with
 * `/<operator>` one term of it; `.../core-bytes`: all that attention cores move, KV written included where it is counted;
 * `decode/<model>/<context>/attended/<group>`: attended tokens of the group's `core`, `<group>.<operator>` those of another.
 */
export const decodeResolver: Resolver = ([model = '', context = '', column = '', term], scenario) => {
  const { name } = scenario.modelEntry(model).model;
  const id = `decode/${model}/${context}`;
  if (column === 'core-bytes') return coreBytes(operatorsOf(model, 'decode', scenario), model, id, term);
  if (column === 'attended')
    return attended(
      operatorsOf(model, 'decode', scenario).find((operator) => attendedName(operator) === term),
      model,
      context,
    );
  return columnOf(CONTEXT_COLUMNS, column, model, scenario, term, `${id}/${column}`, `${name}, one token at context ${context}`, (operator) =>
    coreTerm(operator, model, column, `${id}/attended/${attendedName(operator)}`),
  );
};

/** KV and state bytes that a core (all of them without `term`) reads, and those it writes where they are counted. */
function coreBytes(operators: readonly ModelOperator[], model: string, id: string, term: string | undefined): NumberSpec | null {
  const cores = operators.filter((operator) => operator.part === 'core' && (term === undefined || operatorName(operator) === term));
  if (cores.length === 0) return null;
  const below = term === undefined ? '' : `/${term}`;
  const written = cores.some(({ bytes }) => !bytes.kvWrite.isZero);
  return { kind: 'sum', label: `bytes moved by ${term ?? 'all attention cores'}`, unit: 'B', terms: [`${id}/kv-bytes${below}`, ...(written ? [`token/${model}/kv-write-bytes${below}`] : [])] };
}

/** `token/<model>/<linear-flop|ffn-flop|head-flop|kv-write-bytes>`: what one decoded token takes at any context; with `/<operator>` one term. */
export const tokenResolver: Resolver = ([model = '', column = '', term], scenario) =>
  columnOf(TOKEN_COLUMNS, column, model, scenario, term, `token/${model}/${column}`, `${scenario.modelEntry(model).model.name}, one token`, (operator) => {
    const quantity = (what: string): string => `operator/${model}/decode/${operatorName(operator)}/${what}`;
    const label = `${TOKEN_COLUMNS[column]?.label} of ${operatorName(operator)}`;
    return column === 'kv-write-bytes'
      ? { kind: 'derived', label, card: layersBytes, inputs: { layers: layersId(model, operator), bytesPerLayer: quantity('kv-bytes') } }
      : { kind: 'derived', label, card: layersFlop, inputs: { layers: layersId(model, operator), flopPerLayer: quantity('flop') } };
  });

function columnOf(
  columns: Readonly<Record<string, Column>>,
  column: string,
  model: string,
  scenario: Scenario,
  term: string | undefined,
  id: string,
  of: string,
  build: (operator: ModelOperator) => NumberSpec,
): NumberSpec | null {
  const wanted = Object.hasOwn(columns, column) ? columns[column] : undefined;
  if (!wanted) return null;
  const counted = operatorsOf(model, 'decode', scenario).filter((operator) => wanted.has(operator) && (wanted.unit !== 'FLOP' || !operator.flop.isZero));
  if (term === undefined) return { kind: 'sum', label: `${wanted.label} of ${of}`, unit: wanted.unit, terms: counted.map((operator) => `${id}/${operatorName(operator)}`) };
  const operator = counted.find((candidate) => operatorName(candidate) === term);
  return operator ? build(operator) : null;
}

/** One attention core's part of a column: a state is moved whole, a KV cache as far as it is attended. */
function coreTerm(operator: ModelOperator, model: string, column: string, attendedId: string): NumberSpec {
  const quantity = (what: string): string => `operator/${model}/decode/${operatorName(operator)}/${what}`;
  const layers = layersId(model, operator);
  const label = `${CONTEXT_COLUMNS[column]?.label} of ${operatorName(operator)}`;
  const state = operator.kind === 'state-update';
  if (column === 'kv-bytes')
    return state
      ? { kind: 'derived', label, card: layersBytes, inputs: { layers, bytesPerLayer: quantity('state-bytes') } }
      : { kind: 'derived', label, card: layersAttendedBytes, inputs: { layers, bytesPerToken: quantity('kv-bytes'), attended: attendedId } };
  return state
    ? { kind: 'derived', label, card: layersFlop, inputs: { layers, flopPerLayer: quantity('flop') } }
    : { kind: 'derived', label, card: layersAttendedFlop, inputs: { layers, flopPerAttended: quantity('flop'), attended: attendedId } };
}

/** The id of the number of layers that hold an operator. */
export const layersId = (model: string, { group, id }: ModelOperator): string =>
  group !== null ? `model/${model}/layers.${group}.count` : id === 'vision' ? `model/${model}/vision.layers` : `model/${model}/one`;

/** The name of a core in the ids of attended tokens: the group for `core`, with the operator for any other. */
const attendedName = ({ group, id }: ModelOperator): string => (id === 'core' ? String(group) : `${group}.${id}`);

function attended(operator: ModelOperator | undefined, model: string, context: string): NumberSpec | null {
  if (operator?.attends === undefined) return null;
  const { span, limit } = operator.attends;
  const contextLength = `context/${context}`;
  const field = `model/${model}/layers.${operator.group}.attention.${limit}`;
  const label = `tokens attended by ${operatorName(operator)}`;
  if (span.kind === 'linear') return { kind: 'derived', label, card: attendedAll, inputs: { contextLength } };
  if (span.kind === 'chunk') return { kind: 'derived', label, card: attendedChunk, inputs: { contextLength, chunk: field } };
  if (span.kind === 'floor') {
    const ratio = `model/${model}/layers.${operator.group}.attention.ratio`;
    return limit === null
      ? { kind: 'derived', label, card: attendedEntries, inputs: { contextLength, ratio } }
      : { kind: 'derived', label, card: attendedChosen, inputs: { contextLength, ratio, most: field } };
  }
  return { kind: 'derived', label, card: attendedWindow, inputs: { contextLength, window: field } };
}

/**
 * `parameters/<model>/<total|active>/<all|without-input-embedding|without-embeddings>` and, below `/<operator>`, one term.
 * Conventions as `parameters` in src/models.
 */
export const parameterResolver: Resolver = ([model = '', kind = '', convention = '', term], scenario) => {
  if (kind !== 'total' && kind !== 'active') return null;
  const left: Readonly<Record<string, readonly string[]>> = { all: [], 'without-input-embedding': ['embedding'], 'without-embeddings': ['embedding', 'head'] };
  const leftOut = Object.hasOwn(left, convention) ? left[convention] : undefined;
  if (!leftOut) return null;
  const operators = operatorsOf(model, 'decode', scenario).filter(({ weights, activeWeights, part }) => (kind === 'total' ? weights : activeWeights) > 0 && !leftOut.includes(part));
  if (term === undefined) {
    const words = convention.replaceAll('-', ' ');
    return {
      kind: 'sum',
      label: `${kind} parameters of ${scenario.modelEntry(model).model.name} (${words})`,
      unit: '1',
      terms: operators.map((operator) => `parameters/${model}/${kind}/${convention}/${operatorName(operator)}`),
    };
  }
  const operator = operators.find((candidate) => operatorName(candidate) === term);
  if (!operator) return null;
  return {
    kind: 'derived',
    label: `${kind} parameters of ${term}`,
    card: layersWeights,
    inputs: { layers: layersId(model, operator), weights: `operator/${model}/decode/${term}/${kind === 'total' ? 'weights' : 'active-weights'}` },
  };
};
