import type { NumberSpec } from '../../evidence/number.ts';
import type { Source } from '../../provenance/source.ts';
import type { Slo } from '../../serving/disaggregation/attainment.ts';
import { engineConstants } from '../../serving/disaggregation/engine-constants.ts';
import { RELEASED_PROFILES, type ReleasedCoefficients, type ReleasedEngine } from '../../serving/disaggregation/released-profiles.ts';
import type { Splits } from './data/placements.ts';
import { ID } from './item.ts';
import type { Mode, Sent } from './runs.ts';

/** What a run or a search is asked with: meaning and unit. */
const SETTINGS = {
  requests: ['requests of the run', '1'],
  rate: ['requests per second of all GPUs', '1/s'],
  'rate-per-gpu': ['requests per second and GPU', '1/s'],
  ttft: ['time to the first token that is to be kept', 's'],
  tpot: ['time per output token that is to be kept', 's'],
  share: ['share of the requests that is to keep the times', '1'],
  prompt: ['tokens of a prompt', '1'],
  output: ['tokens of an output', '1'],
  batch: ['requests of a decode step', '1'],
  'least-seconds': ['time that arrivals last at least', 's'],
  'batch-tokens': ['tokens of a prefill batch at most', '1'],
  'link-share': ['share of the rate of links that is reached', '1'],
  scale: ['factor of both times', '1'],
  gpus: ['GPUs of a server', '1'],
} as const;
export type Setting = keyof typeof SETTINGS;

const CONSTANTS = {
  prefillFactor: ['prefill against single passes', '1'],
  prefillSeconds: ['host time of a prefill', 's'],
  stepSeconds: ['host time of a decode step', 's'],
  requestSeconds: ['host time of a decode step for each request', 's'],
  stageSeconds: ['time of each stage of a decode step', 's'],
  keptBytes: ['memory of a chip that the engine keeps from the cache', 'B'],
} as const;

const PARTS = ['prefill', 'small', 'large'] as const satisfies readonly (keyof ReleasedCoefficients)[];
const PROFILES: Source = {
  kind: 'repository',
  repo: 'LLMServe/DistServe',
  file: 'simdistserve/estimators/profile_data',
  revision: '82831f1604cc6b10bebd360f6c437a07790dde9f',
  read: '2026-11-23',
};

export const setting = (what: Setting, value: number): string => `${ID}/setting/${what}/${value}`;

/**
 * `distserve/setting/<what>/<value>`: what a run is asked with; `distserve/coefficient/<engine>/<model>/<degree>/<prefill|small|large>/<0|1|2>`: seconds of the
 * released profiles; `distserve/engine/<engine>/<constant>`: what engines add to single passes, fitted to measured runs.
 */
export function settingNumber([kind = '', first = '', second = '', ...rest]: readonly string[]): NumberSpec | null {
  if (kind === 'setting') {
    const asked = Object.hasOwn(SETTINGS, first) && /^\d+(\.\d+)?$/.test(second) && Number(second) > 0 && rest.length === 0;
    if (!asked) return null;
    const [label, unit] = SETTINGS[first as Setting];
    return { kind: 'leaf', label, value: Number(second), unit, source: { kind: 'derived', from: 'the question asked' } };
  }
  if (!Object.hasOwn(RELEASED_PROFILES, first)) return null;
  const engine = first as ReleasedEngine;
  if (kind === 'engine' && Object.hasOwn(CONSTANTS, second) && rest.length === 0) {
    const name = second as keyof typeof CONSTANTS;
    const [meaning, unit] = CONSTANTS[name];
    return {
      kind: 'leaf',
      label: `${engine}: ${meaning}`,
      value: engineConstants[engine][name],
      unit,
      source: { kind: 'measured', what: 'fitted to times of calm runs of the engines on A100', date: '2024-04' },
    };
  }
  const [degree = '', part = '', place = '', ...more] = rest;
  if (kind !== 'coefficient' || more.length > 0 || !(PARTS as readonly string[]).includes(part) || !/^[012]$/.test(place)) return null;
  const coefficients = Object.hasOwn(RELEASED_PROFILES[engine], second) ? RELEASED_PROFILES[engine][second]?.[Number(degree)] : undefined;
  if (coefficients === undefined) return null;
  const per = ['constant', 'per token', part === 'prefill' ? 'per squared token' : 'per request'][Number(place)];
  return {
    kind: 'leaf',
    label: `${engine}, ${second}, tensor parallel ${degree}: ${part === 'prefill' ? 'prefill' : `decode, ${part} batches`}, ${per}`,
    value: (coefficients[part as keyof ReleasedCoefficients][Number(place)] as number) / 1e3,
    unit: 's',
    source: PROFILES,
  };
}

/** The times and the memory that instances are simulated with, as inputs of a number. */
export function instanceInputs(model: string, mode: Mode, { engine, splits }: Splits): Readonly<Record<string, string>> {
  const roles: readonly (readonly [role: string, parts: readonly (typeof PARTS)[number][], at: number])[] =
    engine === 'vllm'
      ? [['colocated', PARTS, 0]]
      : [
          ['prefill', ['prefill'], 0],
          ['decode', ['small', 'large'], 2],
        ];
  const inputs: [string, string][] = roles.flatMap(([role, parts, at]) => [
    [`${role}Tokens`, `${ID}/kv-capacity/${model}/${splits[at]}x${splits[at + 1]}/tokens`],
    ...parts.flatMap((part) => [0, 1, 2].map((place): [string, string] => [`${role}${part}${place}`, `${ID}/coefficient/${engine}/${model}/${splits[at]}/${part}/${place}`])),
  ]);
  if (mode === 'engine') inputs.push(...Object.keys(CONSTANTS).map((name): [string, string] => [name, `${ID}/engine/${engine}/${name}`]));
  return Object.fromEntries(inputs);
}

/** Objectives and number of requests, as inputs of a number. */
export const askedInputs = ({ ttft, tpot }: Slo, { requests }: Sent): Readonly<Record<string, string>> => ({
  ttft: setting('ttft', ttft),
  tpot: setting('tpot', tpot),
  requests: setting('requests', requests),
});
