import type { Phase } from '../layers/lowering.ts';
import type { Model } from '../models/index.ts';
import { lowerModel, type ModelOperator } from '../models/lower.ts';
import type { Derivation, FormulaCard } from '../provenance/card.ts';
import type { Resolver } from './evidence.ts';
import { expertWeights, stateKept } from './formulas.ts';
import type { NumberSpec } from './number.ts';
import type { Scenario } from './scenario.ts';

/** The operators of a model of a scenario. */
export function operatorsOf(model: string, phase: Phase, { modelEntry, counting }: Scenario): readonly ModelOperator[] {
  return lowerModel(modelEntry(model).model, { phase, counting });
}

/** The name of an operator in ids: `<group>.<operator>`, `head` and `embedding` for the ends of the model. */
export const operatorName = ({ group, id }: ModelOperator): string => (group === null ? id : `${group}.${id}`);

/**
 * `operator/<model>/<phase>/<operator>/<quantity>`: one layer's worth of an operator.
 *   weights         stored weights of one layer (of one expert for grouped ones: `one-expert-weights`)
 *   active-weights  weights that touch one token
 *   flop            work of one token (for a core: for one attended token)
 *   kv-bytes        KV bytes of one token; state-bytes: state bytes moved for one token; state-kept: state bytes of a request; channels: channels of a convolution
 */
export const operatorResolver: Resolver = ([model = '', phase = '', name = '', quantity = ''], scenario) => {
  if (phase !== 'decode' && phase !== 'prefill') return null;
  const { model: architecture } = scenario.modelEntry(model);
  const operator = operatorsOf(model, phase, scenario).find((candidate) => operatorName(candidate) === name);
  if (!operator) return null;
  const { because, shape } = operator;
  const id = (what: string): string => `operator/${model}/${phase}/${name}/${what}`;
  const label = `${name} of ${architecture.name}`;
  const from = (derivation: Derivation | undefined, what: string): NumberSpec | null =>
    derivation ? { kind: 'derived', label: `${what}, ${label}`, card: derivation.card as FormulaCard, inputs: inputsOf(derivation, architecture, operator) } : null;
  const single = shape.kind !== 'gemm' || shape.groups === 1;
  const several = (field: string, what: string): NumberSpec | null =>
    single
      ? from(because.weights, what)
      : { kind: 'derived', label: `${what}, ${label}`, card: expertWeights, inputs: { weights: id('one-expert-weights'), experts: `model/${model}/layers.${operator.group}.ffn.${field}` } };
  const shared = operator.id.startsWith('shared');
  switch (quantity) {
    case 'one-expert-weights':
      return from(because.weights, 'weights of one expert');
    case 'weights':
      return several(shared ? 'sharedExperts' : 'experts', 'weights');
    case 'active-weights':
      return several(shared ? 'sharedExperts' : 'activeExperts', 'active weights');
    case 'flop':
      if (operator.flop.isZero) return { kind: 'leaf', label: `work, ${label}`, value: 0, unit: 'FLOP', source: { kind: 'derived', from: 'no work of this operator is counted here' } };
      return because.flop.inputs.weights !== undefined && because.weights
        ? { kind: 'derived', label: `work, ${label}`, card: because.flop.card, inputs: { weights: id('active-weights') } }
        : from(because.flop, 'work');
    case 'kv-bytes':
      return from(because.kvRead, 'KV bytes of one token');
    case 'state-bytes':
      return from(because.state, 'state bytes moved');
    case 'state-kept':
      return because.kept
        ? from(because.kept, 'state bytes kept')
        : because.state
          ? { kind: 'derived', label: `state bytes kept, ${label}`, card: stateKept, inputs: { moved: id('state-bytes') } }
          : null;
    case 'channels':
      return from(because.channels, 'channels');
    default:
      return null;
  }
};

/** The symbol of a layer card is the field of the layer's spec, of the model, or of its precision policy. */
function inputsOf(derivation: Derivation, { id: model, layers }: Model, operator: ModelOperator): Readonly<Record<string, string>> {
  const shared = operator.id.startsWith('shared');
  const ffn = operator.group === null || operator.side !== 'ffn' ? undefined : layers[operator.group]?.ffn;
  const latent = operator.id.startsWith('routed') && ffn?.kind === 'moe' && ffn.latent !== undefined;
  const spec = operator.side === 'vision' ? `model/${model}/${operator.id}` : `model/${model}/layers.${operator.group}.${operator.side}`;
  return Object.fromEntries(
    Object.keys(derivation.inputs).map((symbol) => {
      if (symbol === 'hidden' && latent) return [symbol, `${spec}.latent`];
      if (symbol === 'channels') return [symbol, `operator/${model}/decode/${operatorName(operator)}/channels`];
      if (operator.side === 'vision') return [symbol, `${spec}.${symbol}`];
      if (symbol === 'hidden' || operator.side === 'vocabulary') return [symbol, `model/${model}/${symbol}`];
      if (symbol === 'bytesPerElement') return [symbol, `model/${model}/bytes-per-element/${operator.group}/${operator.kind === 'state-update' ? 'state' : 'kv'}`];
      return [symbol, `${spec}.${shared && symbol === 'intermediate' ? 'sharedIntermediate' : symbol}`];
    }),
  );
}
