import type { ModelOperator } from '../models/lower.ts';
import type { Span } from '../units/context-curve.ts';
import type { Resolver } from './evidence.ts';
import { attendedAll, attendedEntries, attendedWindow, layersAttendedBytes, layersBytes } from './formulas.ts';
import type { NumberSpec } from './number.ts';
import { operatorName, operatorsOf } from './operators.ts';
import { layersId } from './totals.ts';

/**
 * `cache/<model>/<context>/request`: bytes that a request of that context needs, windows and chunks as rings, states included;
 * `.../paged`: bytes in a paged cache that evicts nothing. With `/<operator>` one core's keys and values, with `/<operator>:state` its
 * state; `.../kept/<operator>`: tokens (or entries) that a ring keeps.
 */
export const cacheResolver: Resolver = ([model = '', context = '', what = '', term], scenario) => {
  const cores = operatorsOf(model, 'decode', scenario).filter(({ cache }) => cache !== undefined);
  const id = `cache/${model}/${context}/${what}`;
  const operatorOf = (name: string): ModelOperator | undefined => cores.find((core) => operatorName(core) === name);
  if (what === 'kept') {
    const operator = term === undefined ? undefined : operatorOf(term);
    return operator ? kept(operator, model, context) : null;
  }
  if (what !== 'request' && what !== 'paged') return null;
  if (term === undefined) {
    const terms = cores.flatMap((core) => [...(core.cache?.paged.isZero ? [] : [`${id}/${operatorName(core)}`]), ...(core.cache?.state === 0 ? [] : [`${id}/${operatorName(core)}:state`])]);
    return { kind: 'sum', label: `bytes ${what === 'paged' ? 'in a paged cache' : 'needed'} by a request of ${scenario.modelEntry(model).model.name}, ${context} tokens`, unit: 'B', terms };
  }
  const [name = '', state, ...more] = term.split(':');
  const operator = operatorOf(name);
  if (operator === undefined || more.length > 0) return null;
  const quantity = (of: string): string => `operator/${model}/decode/${name}/${of}`;
  const layers = layersId(model, operator);
  if (state === 'state') return operator.cache?.state === 0 ? null : { kind: 'derived', label: `state of ${name}`, card: layersBytes, inputs: { layers, bytesPerLayer: quantity('state-kept') } };
  if (state !== undefined || operator.cache?.paged.isZero) return null;
  const attended = what === 'request' ? `cache/${model}/${context}/kept/${name}` : pagedTokens(operator, model, context);
  return { kind: 'derived', label: `keys and values of ${name}`, card: layersAttendedBytes, inputs: { layers, bytesPerToken: quantity('kv-bytes'), attended } };
};

const spanOf = (curve: { readonly terms: readonly { readonly span: Span }[] } | undefined): Span | undefined => curve?.terms[0]?.span;

/** Every token of the context, or the entries that stand for several of them, which a ring keeps too. */
const pagedTokens = (operator: ModelOperator, model: string, context: string): string =>
  spanOf(operator.cache?.paged)?.kind === 'linear' ? `context/${context}` : `cache/${model}/${context}/kept/${operatorName(operator)}`;

function kept(operator: ModelOperator, model: string, context: string): NumberSpec | null {
  const span = spanOf(operator.cache?.ring);
  const contextLength = `context/${context}`;
  const field = (name: string): string => `model/${model}/layers.${operator.group}.attention.${name}`;
  const label = `tokens kept by ${operatorName(operator)}`;
  switch (span?.kind) {
    case 'linear':
      return { kind: 'derived', label, card: attendedAll, inputs: { contextLength } };
    case 'floor':
      return { kind: 'derived', label: `entries kept by ${operatorName(operator)}`, card: attendedEntries, inputs: { contextLength, ratio: field('ratio') } };
    case 'min':
      return { kind: 'derived', label, card: attendedWindow, inputs: { contextLength, window: field(operator.attends?.limit ?? '') } };
    default:
      return null;
  }
}
