import type { LeafSpec, NumberSpec } from '../../evidence/number.ts';
import { formula } from '../../provenance/card.ts';
import { minActivationRatio } from '../../roofline/roofline.ts';
import { idealBatch, restrictedActivationRatio } from '../../serving/afd/network.ts';
import { afdDefaults } from '../../serving/afd/scenario.ts';
import { serverNetwork } from '../step3/formulas.ts';

/** What a network card reaches. */
export const reachedNic = formula({
  id: 'afd/reached-nic',
  name: 'Rate that a network card reaches',
  symbols: { nicBandwidth: { unit: 'B/s', meaning: 'rate of the card, one way', tex: 'N_1' }, nicShare: { unit: '1', meaning: 'share that is reached', tex: '\\eta' } },
  expression: 'nicBandwidth * nicShare',
  unit: 'B/s',
  evaluate: ({ nicBandwidth, nicShare }) => nicBandwidth * nicShare,
  source: { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'section 5.4' },
});

/** The format in which the bounds compute on a chip that has a peak for it. */
const MATH = 'fp8';

const INPUTS: Readonly<Record<string, LeafSpec>> = {
  'nic-share': {
    kind: 'leaf',
    label: 'share of its rate that a network card reaches',
    value: afdDefaults.nicShare,
    unit: '1',
    source: { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'section 5.4 (40 of 50 GB/s)' },
  },
  'groups-reached': {
    kind: 'leaf',
    label: 'groups of experts that routing of DeepSeek-V3 admits',
    value: 4,
    unit: '1',
    source: { kind: 'config', repo: 'deepseek-ai/DeepSeek-V3', file: 'config.json', key: 'topk_group' },
  },
  groups: { kind: 'leaf', label: 'groups of experts of DeepSeek-V3', value: 8, unit: '1', source: { kind: 'config', repo: 'deepseek-ai/DeepSeek-V3', file: 'config.json', key: 'n_group' } },
};

/** Parts of an id behind its kind and its chip or input. */
const LENGTHS = { input: 0, nic: 0, 'server-network': 1, 'min-ratio': 2, 'ideal-batch': 1 } as const;

const isRate = (text: string | undefined): boolean => text === 'nominal' || text === 'reached';

/**
 * `afd/min-ratio/<chip>/<model>/<nominal|reached>[/restricted]`: smallest activation ratio that the network of a chip allows for the width and layers
 * of a model, at the nominal rate or the one that is reached, and, for DeepSeek-V3, where a token goes to half of the instances only;
 * `afd/server-network/<chip>/<nominal|reached>`, `afd/nic/<chip>`, `afd/ideal-batch/<chip>/<model>`, `afd/input/<name>`.
 */
export function networkNumber([kind = '', chip = '', ...rest]: readonly string[]): NumberSpec | null {
  if (rest.length !== LENGTHS[kind as keyof typeof LENGTHS] && !(kind === 'min-ratio' && rest.length === 3)) return null;
  switch (kind) {
    case 'input':
      return Object.hasOwn(INPUTS, chip) ? (INPUTS[chip] as LeafSpec) : null;
    case 'nic':
      return {
        kind: 'derived',
        label: `rate that a network card of ${chip} reaches`,
        card: reachedNic,
        inputs: { nicBandwidth: `accelerator/${chip}/nicPerAcceleratorPerDirection`, nicShare: 'afd/input/nic-share' },
      };
    case 'server-network': {
      if (!isRate(rest[0])) return null;
      const nicBandwidth = rest[0] === 'reached' ? `afd/nic/${chip}` : `accelerator/${chip}/nicPerAcceleratorPerDirection`;
      return {
        kind: 'derived',
        label: `network bandwidth of a server of ${chip}, ${rest[0]}`,
        card: serverNetwork,
        inputs: { accelerators: `accelerator/${chip}/acceleratorsPerServer`, nicBandwidth },
      };
    }
    case 'min-ratio': {
      const [model = '', rate = '', restricted] = rest;
      if (!isRate(rate)) return null;
      if (restricted !== undefined) {
        // the groups are those of DeepSeek-V3's routing
        if (restricted !== 'restricted' || model !== 'deepseek-v3') return null;
        return {
          kind: 'derived',
          label: `smallest activation ratio of ${model} on ${chip} with restricted routing, ${rate} rate`,
          card: restrictedActivationRatio,
          inputs: { ratio: `afd/min-ratio/${chip}/${model}/${rate}`, reached: 'afd/input/groups-reached', instances: 'afd/input/groups' },
        };
      }
      return {
        kind: 'derived',
        label: `smallest activation ratio of ${model} on ${chip}, ${rate} rate`,
        card: minActivationRatio,
        inputs: {
          hidden: `model/${model}/hidden`,
          layers: `model/${model}/layer-count`,
          peak: `accelerator/${chip}/math-peak/${MATH}`,
          memoryBandwidth: `accelerator/${chip}/memoryBandwidth`,
          networkBandwidth: `afd/server-network/${chip}/${rate}`,
          stageTime: 'step3/bound-stage-time',
        },
      };
    }
    case 'ideal-batch':
      return {
        kind: 'derived',
        label: `ideal batch of ${rest[0]} on ${chip}`,
        card: idealBatch,
        inputs: { peak: `accelerator/${chip}/math-peak/${MATH}`, memoryBandwidth: `accelerator/${chip}/memoryBandwidth`, activationRatio: `activation-ratio/${rest[0]}` },
      };
    default:
      return null;
  }
}
