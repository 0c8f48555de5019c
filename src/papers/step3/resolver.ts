import type { Resolver } from '../../evidence/evidence.ts';
import { coreResolvers } from '../../evidence/index.ts';
import type { LeafSpec, NumberSpec } from '../../evidence/number.ts';
import type { Scenario } from '../../evidence/scenario.ts';
import type { FormulaCard } from '../../provenance/card.ts';
import { minActivationRatio } from '../../roofline/roofline.ts';
import { abstractThroughput } from '../afd/cases.ts';
import { extrapolationCells, extrapolationHelpers, extrapolationInputs, extrapolationNumber } from './extrapolations.ts';
import { FIGURE_3_CONTEXTS, figureCells } from './figures.ts';
import * as formulas from './formulas.ts';
import { CHIP_IDS, type PaperChip, tableCells } from './tables.ts';
import { textCells } from './text.ts';
import { encoderNumbers, vlmParameters } from './vision.ts';
import { weakHardwareCells, weakHardwareHelpers, weakHardwareInputs, weakHardwareNumber } from './weak-hardware.ts';

/** The format in which the paper computes on a chip that it has a peak for. */
const MATH = 'fp8';

const CELLS: ReadonlySet<string> = new Set([...tableCells, ...figureCells, ...textCells, ...weakHardwareCells, ...extrapolationCells].map(({ id }) => id.replace(/^step3\//, '')));

const CONTEXTS: Readonly<Record<string, number>> = { ...FIGURE_3_CONTEXTS };
/** The context that a column names; columns that name none are those of 8K. */
const contextOf = (column: string): number => CONTEXTS[column.replace(/^.*-/, '')] ?? 8192;

/**
 * Answers the cells of the Step-3 paper by their own ids, `step3/<table>/<path>`, and what they are computed from:
 * `step3/input/<name>`, `step3/encoder/<name>`, `step3/network/<chip>/<nominal|measured>`, `step3/bound-stage-time`. Only in the paper's own scenario.
 */
export const step3Resolver: Resolver = ([table = '', ...path], scenario) => {
  const known = CELLS.has([table, ...path].join('/')) || HELPERS.has([table, ...path].join('/'));
  return scenario.id === 'paper' && known ? (TABLES[table]?.(path, scenario) ?? null) : null;
};

/** Another number under the name of a cell. */
function same(id: string, scenario: Scenario): NumberSpec | null {
  const [prefix = '', ...path] = id.split('/');
  return coreResolvers[prefix]?.(path, scenario) ?? null;
}

type Answer = (path: readonly string[], scenario: Scenario) => NumberSpec | null;

const TABLE_1: Readonly<Record<string, string>> = {
  layers: 'model/step-3/layer-count',
  hidden: 'model/step-3/hidden',
  'low-rank-query': 'model/step-3/layers.0.attention.queryRank',
  'query-heads': 'model/step-3/layers.0.attention.queryHeads',
  'head-dim': 'model/step-3/layers.0.attention.headDim',
  'kv-heads': 'model/step-3/layers.0.attention.kvHeads',
  'shared-experts': 'model/step-3/layers.1.ffn.sharedExperts',
  'moe-layers': 'model/step-3/layers.1.count',
  'total-parameters-llm': 'parameters/step-3/total/all',
  'activated-parameters': 'parameters/step-3/active/without-input-embedding',
};

const work =
  (context: number): Answer =>
  ([model, column], scenario) =>
    same(column === 'linear-flop' || column === 'ffn-flop' ? `token/${model}/${column}` : `decode/${model}/${context}/${column}`, scenario);

const TABLES: Readonly<Record<string, Answer>> = {
  'table-1': ([field = ''], scenario) => {
    if (field === 'total-parameters-vlm') return vlmParameters;
    const id = TABLE_1[field];
    return id === undefined ? null : same(id, scenario);
  },
  'table-2': work(8192),
  'table-3': work(32768),
  'table-4': ([chip], scenario) => same(`ridge-point/${chip}/${MATH}`, scenario),
  'table-5': ([chip, column], scenario) => same(column === 'usd-per-byte' ? `unit-cost/${chip}/usd-per-byte` : `unit-cost/${chip}/usd-per-flop/${MATH}`, scenario),
  'table-6': ([model, chip, column = ''], scenario) => same(`cost/${model}/${chip}/${contextOf(column)}/${column.split('-')[0]}`, scenario),
  'table-7': ([chip = '']) => minSparsity(chip, `step3/network/${chip}/nominal`),
  'figure-1': ([model]) => ({ kind: 'derived', label: `AFD cost of a million tokens, ${model}, context 8192`, card: formulas.afdOfFour, inputs: choices(String(model), 8192, CHIP_IDS) }),
  'figure-3': ([model, column = ''], scenario) => same(column.startsWith('kv') ? `decode/${model}/${contextOf(column)}/kv-bytes` : `cost/${model}/h800/${contextOf(column)}/total`, scenario),
  'figure-4': ([model, column = ''], scenario) =>
    same(column.startsWith('train') ? `training/${model}/ascend-910b/${contextOf(column)}` : `cost/${model}/ascend-910b/${contextOf(column)}/total`, scenario),
  'figure-5': ([model], scenario) => same(`intensity/${model}/8192`, scenario),
  text: (path, scenario) => textAnswer(path, scenario),
  abstract: ([field = ''], scenario) => abstractAnswer(field, scenario),
  'section-6': weakHardwareNumber,
  'section-7': extrapolationNumber,
  network: ([chip = '', rate]) => ({
    kind: 'derived',
    label: `network bandwidth of a server of ${chip}`,
    card: formulas.serverNetwork,
    inputs: { accelerators: `accelerator/${chip}/acceleratorsPerServer`, nicBandwidth: rate === 'measured' ? 'step3/input/measured-nic' : `accelerator/${chip}/nicPerAcceleratorPerDirection` },
  }),
  'bound-stage-time': () => derived('stage time behind the bound on sparsity', formulas.boundStageTime, { networkTime: 'step3/input/network-time' }),
  input: ([name = '']) => INPUTS[name] ?? null,
  encoder: (path) => encoderNumbers[path.join('/')] ?? null,
};

const choices = (model: string, context: number, chips: readonly PaperChip[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    chips.flatMap((chip, index) => [
      [`attention${index + 1}`, `cost/${model}/${chip}/${context}/attention`],
      [`ffn${index + 1}`, `cost/${model}/${chip}/${context}/ffn`],
    ]),
  );

const minSparsity = (chip: string, network: string): NumberSpec => ({
  kind: 'derived',
  label: `smallest MoE activation ratio on ${chip}`,
  card: minActivationRatio,
  inputs: {
    hidden: 'model/step-3/hidden',
    layers: 'model/step-3/layer-count',
    peak: `accelerator/${chip}/math-peak/${MATH}`,
    memoryBandwidth: `accelerator/${chip}/memoryBandwidth`,
    networkBandwidth: network,
    stageTime: 'step3/bound-stage-time',
  },
});

const paperLeaf = (label: string, value: number, unit: string, at: string, note?: string): LeafSpec => ({
  kind: 'leaf',
  label,
  value,
  unit,
  source: { kind: 'paper', id: 'arXiv:2507.19427v1', at },
  ...(note === undefined ? {} : { note }),
});

const INPUTS: Readonly<Record<string, NumberSpec>> = {
  ...weakHardwareInputs(paperLeaf),
  ...extrapolationInputs(paperLeaf),
  tpot: paperLeaf('target time per output token', 0.05, 's', 'Table 8, conditions'),
  'three-stages': paperLeaf('stages of the pipeline', 3, '1', 'stage budget of the AFD pipeline'),
  'four-stages': paperLeaf('stages of the pipeline', 4, '1', 'stage budget of the AFD pipeline'),
  'stage-time': paperLeaf('time of one of three stages, as printed', 0.0166, 's', 'stage budget of the AFD pipeline', 'printed 16.6 ms; 50 ms over 3 rounds to 16.7'),
  'network-time': paperLeaf('time in the bound on sparsity, as printed', 0.0111, 's', 'section 5.4'),
  'measured-nic': paperLeaf('measured bandwidth of one 400 Gbit/s network card', 4e10, 'B/s', 'section 5.4'),
  'kv-8-bit': paperLeaf('bytes of an 8-bit element', 1, 'B', 'section 5.2'),
  'kv-4-bit': paperLeaf('bytes of a 4-bit element', 0.5, 'B', 'section 5.2'),
  'one-draft': paperLeaf('draft tokens per step', 1, '1', 'section 5.2'),
};

const derived = (label: string, card: FormulaCard, inputs: Readonly<Record<string, string>>): NumberSpec => ({ kind: 'derived', label, card, inputs });

/** Numbers that cells are computed from and that no table prints. */
const HELPERS: ReadonlySet<string> = new Set([
  'bound-stage-time',
  ...Object.keys(INPUTS).map((name) => `input/${name}`),
  ...Object.keys(encoderNumbers).map((name) => `encoder/${name}`),
  ...weakHardwareHelpers,
  ...extrapolationHelpers,
  ...CHIP_IDS.flatMap((chip) => [`network/${chip}/nominal`, `network/${chip}/measured`]),
]);

/** Throughput of the abstract is measured: what the planner predicts for the same deployments. */
const abstractAnswer = (field: string, scenario: Scenario): NumberSpec | null => {
  if (field === 'activated-parameters') return same('parameters/step-3/active/without-input-embedding', scenario);
  if (field === 'total-parameters-vlm') return vlmParameters;
  const measured = abstractThroughput[field];
  return measured === undefined ? null : { kind: 'found', label: measured.label, value: measured.value(), unit: 'token/s', card: measured.card, inputs: {} };
};

const textAnswer: Answer = ([claim = '', model, column], scenario) => {
  switch (claim) {
    case 'observation-1': {
      const context = contextOf(String(column));
      if (model === 'deepseek-v3') return same(`cost/${model}/h800/${context}/total`, scenario);
      return derived(`AFD cost of a million tokens on H800 and H20, ${model}, context ${context}`, formulas.afdOfTwo, choices(String(model), context, ['h800', 'h20']));
    }
    case 'effective-rank':
      return same(`effective-rank/${model}`, scenario);
    case 'kv4-intensity-ratio':
      return derived('growth of the arithmetic intensity with 4-bit KV storage', formulas.storageRatio, { wideBytes: 'step3/input/kv-8-bit', narrowBytes: 'step3/input/kv-4-bit' });
    case 'mtp-intensity-ratio':
      return derived('growth of the arithmetic intensity with one draft token', formulas.mtpIntensity, { draftTokens: 'step3/input/one-draft' });
    case 'stage-time':
      return derived('time of one of three stages', formulas.stageTime, { tpot: 'step3/input/tpot', stages: 'step3/input/three-stages' });
    case 'four-stage-time':
      return derived('time of one of four stages', formulas.stageTime, { tpot: 'step3/input/tpot', stages: 'step3/input/four-stages' });
    case 'layer-time':
      return derived('time of one stage for one layer', formulas.layerTime, { stageTime: 'step3/input/stage-time', layers: 'model/step-3/layer-count' });
    case 'network-time':
      return derived('time in the bound on sparsity', formulas.networkTime, { stageTime: 'step3/input/stage-time' });
    case 'h800-min-sparsity-measured-nic':
      return minSparsity('h800', 'step3/network/h800/measured');
    case 'deepseek-v3-experts-on-h800':
      return derived('routed experts that DeepSeek-V3 would need on H800', formulas.expertsForRatio, {
        ratio: 'step3/table-7/h800/min-sparsity',
        experts: 'model/deepseek-v3/layers.1.ffn.experts',
        sharedExperts: 'model/deepseek-v3/layers.1.ffn.sharedExperts',
      });
    case 'step-3-sparsity':
      return same('activation-ratio/step-3', scenario);
    default:
      return null;
  }
};
