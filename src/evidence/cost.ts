import { accelerator } from '../accelerators/index.ts';
import { attentionCoreUsd, attentionUsdPerMtok, gemmUsd, partUsdPerMtok, totalUsdPerMtok, trainingUsdPerMtok } from '../cost/formulas.ts';
import { usdPerByte, usdPerFlop } from '../cost/unit-cost.ts';
import { effectiveRank } from '../layers/effective-rank.ts';
import { gqaEffectiveRank } from '../layers/grouped-query.ts';
import { mlaEffectiveRank } from '../layers/mla-formulas.ts';
import { activationRatio } from '../layers/moe.ts';
import { arithmeticIntensity, ridgePoint } from '../roofline/roofline.ts';
import type { Resolver } from './evidence.ts';
import { operatorName, operatorsOf } from './operators.ts';

/** `unit-cost/<chip>/usd-per-flop/<format>` and `unit-cost/<chip>/usd-per-byte`. */
export const unitCostResolver: Resolver = ([chip = '', what = '', format = '']) => {
  const price = `accelerator/${chip}/usdPerHour`;
  const { name } = accelerator(chip).accelerator;
  if ((what === 'usd-per-byte') !== (format === '')) return null;
  if (what === 'usd-per-byte') return { kind: 'derived', label: `price of a byte on ${name}`, card: usdPerByte, inputs: { usdPerHour: price, memoryBandwidth: `accelerator/${chip}/memoryBandwidth` } };
  if (what !== 'usd-per-flop') return null;
  return { kind: 'derived', label: `price of a ${format} FLOP on ${name}`, card: usdPerFlop, inputs: { usdPerHour: price, peak: `accelerator/${chip}/math-peak/${format}` } };
};

/** `ridge-point/<chip>/<format>`. */
export const ridgeResolver: Resolver = ([chip = '', format = '']) => ({
  kind: 'derived',
  label: `ridge point of ${accelerator(chip).accelerator.name} (${format})`,
  card: ridgePoint,
  inputs: { peak: `accelerator/${chip}/math-peak/${format}`, memoryBandwidth: `accelerator/${chip}/memoryBandwidth` },
});

/** `intensity/<model>/<context>`: arithmetic intensity of the attention core. */
export const intensityResolver: Resolver = ([model = '', context = ''], { counting, modelEntry }) => ({
  kind: 'derived',
  label: `arithmetic intensity of ${modelEntry(model).model.name}'s attention core at context ${context}`,
  card: arithmeticIntensity,
  inputs: { flop: `decode/${model}/${context}/core-flop`, bytes: `decode/${model}/${context}/${counting.kvWrite ? 'core-bytes' : 'kv-bytes'}` },
});

/** `effective-rank/<model>`: of the first layer group's attention; none where that is recurrent. */
export const effectiveRankResolver: Resolver = ([model = ''], { modelEntry }) => {
  const { name, layers } = modelEntry(model).model;
  const path = `model/${model}/layers.0.attention`;
  const label = `effective rank of ${name}'s attention`;
  const attention = layers[0]?.attention;
  if (attention === undefined || effectiveRank(attention) === null) return null;
  if (attention.kind === 'mla' || attention.kind === 'dsa') return { kind: 'derived', label, card: mlaEffectiveRank, inputs: { queryHeads: `${path}.queryHeads`, nopeDim: `${path}.nopeDim` } };
  return { kind: 'derived', label, card: gqaEffectiveRank, inputs: { queryHeads: `${path}.queryHeads`, headDim: `${path}.headDim` } };
};

/** `activation-ratio/<model>`: of the last MoE group, shared experts counted; none for a dense model. */
export const activationRatioResolver: Resolver = ([model = ''], { modelEntry }) => {
  const { name, layers } = modelEntry(model).model;
  const group = layers.findLastIndex(({ ffn }) => ffn.kind === 'moe');
  if (group < 0) return null;
  const path = `model/${model}/layers.${group}.ffn`;
  return {
    kind: 'derived',
    label: `MoE activation ratio of ${name}`,
    card: activationRatio,
    inputs: { activeExperts: `${path}.activeExperts`, sharedExperts: `${path}.sharedExperts`, experts: `${path}.experts` },
  };
};

/**
 * `cost/<model>/<chip>/<context>/<what>`, USD per million decoded tokens at an ideal batch: attention, ffn, head, total; and
 * the costs per token below them: core, core/<operator>, linear, ffn-token, head-token.
 * `<chip>` may be `afd:<attention chip>+<ffn chip>`; the head then runs on the feed-forward chip.
 */
export const costResolver: Resolver = ([model = '', chip = '', context = '', what = '', term], scenario) => {
  const { counting, modelEntry } = scenario;
  const { name, precision } = modelEntry(model).model;
  const { attention, ffn } = chipsOf(chip);
  const id = `cost/${model}/${chip}/${context}`;
  const at = `${name} on ${chip}, context ${context}`;
  const flopPrice = (on: string, part: 'attention' | 'linear' | 'ffn' | 'head'): string => `unit-cost/${on}/usd-per-flop/${precision.math[part]}`;
  const column = (of: 'kv-bytes' | 'core-bytes' | 'core-flop', operator?: string): string => `decode/${model}/${context}/${of}${operator === undefined ? '' : `/${operator}`}`;
  const gemm = (label: string, part: 'linear' | 'ffn' | 'head', on: string) =>
    ({ kind: 'derived', label: `${label} cost of one token, ${at}`, card: gemmUsd, inputs: { flop: `token/${model}/${part}-flop`, usdPerFlop: flopPrice(on, part) } }) as const;
  if (term !== undefined && what !== 'core') return null;
  const corePrices = { usdPerFlop: flopPrice(attention, 'attention'), usdPerByte: `unit-cost/${attention}/usd-per-byte` };
  switch (what) {
    case 'total':
      return { kind: 'derived', label: `decoding cost of a million tokens, ${at}`, card: totalUsdPerMtok, inputs: { attention: `${id}/attention`, ffn: `${id}/ffn`, head: `${id}/head` } };
    case 'attention':
      return { kind: 'derived', label: `attention cost of a million tokens, ${at}`, card: attentionUsdPerMtok, inputs: { coreUsd: `${id}/core`, linearUsd: `${id}/linear` } };
    case 'ffn':
    case 'head':
      return { kind: 'derived', label: `${what} cost of a million tokens, ${at}`, card: partUsdPerMtok, inputs: { partUsd: `${id}/${what}-token` } };
    case 'linear':
      return gemm('projection', 'linear', attention);
    case 'ffn-token':
      return gemm('feed-forward', 'ffn', ffn);
    case 'head-token':
      return gemm('LM head', 'head', ffn);
    case 'core': {
      const label = `core attention cost of one token, ${at}`;
      if (!counting.perOperatorRoofline)
        return { kind: 'derived', label, card: attentionCoreUsd, inputs: { coreFlop: column('core-flop'), coreBytes: column(counting.kvWrite ? 'core-bytes' : 'kv-bytes'), ...corePrices } };
      if (term !== undefined)
        return { kind: 'derived', label: `${label}, ${term}`, card: attentionCoreUsd, inputs: { coreFlop: column('core-flop', term), coreBytes: column('core-bytes', term), ...corePrices } };
      const cores = operatorsOf(model, 'decode', scenario).filter(({ part }) => part === 'core');
      return { kind: 'sum', label, unit: 'USD', terms: cores.map((operator) => `${id}/core/${operatorName(operator)}`) };
    }
    default:
      return null;
  }
};

/**
 * `training/<model>/<chip>/<context>`: USD per million trained tokens; `.../core`: the forward work of the attention core alone.
 * The other parts are those of `cost/<model>/<chip>/<context>`.
 */
export const trainingResolver: Resolver = ([model = '', chip = '', context = '', term], { modelEntry }) => {
  const { name, precision } = modelEntry(model).model;
  const at = `${name} on ${chip}, context ${context}`;
  const cost = (what: string): string => `cost/${model}/${chip}/${context}/${what}`;
  if (term === 'core') {
    const inputs = { flop: `decode/${model}/${context}/core-flop`, usdPerFlop: `unit-cost/${chip}/usd-per-flop/${precision.math.attention}` };
    return { kind: 'derived', label: `core attention work of one token at full utilisation, ${at}`, card: gemmUsd, inputs };
  }
  if (term !== undefined) return null;
  const inputs = { coreUsd: `training/${model}/${chip}/${context}/core`, linearUsd: cost('linear'), ffnUsd: cost('ffn-token'), headUsd: cost('head-token') };
  return { kind: 'derived', label: `training cost of a million tokens, ${at}`, card: trainingUsdPerMtok, inputs };
};

function chipsOf(chip: string): { readonly attention: string; readonly ffn: string } {
  const pair = /^afd:([^+]+)\+([^+]+)$/.exec(chip);
  return { attention: pair?.[1] ?? chip, ffn: pair?.[2] ?? chip };
}
