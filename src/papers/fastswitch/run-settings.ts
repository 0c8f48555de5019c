import type { NumberSpec } from '../../evidence/number.ts';
import { answerShare } from '../../serving/preemption/sharegpt-turns.ts';
import { MODELS } from './data/figure8.ts';
import { figure10 } from './data/overheads.ts';
import { figure11, figure13 } from './data/sensitivity.ts';
import { copies, setup } from './data/text.ts';
import { ID, printedLeaf } from './item.ts';
import { ASSUMED, type RunOf } from './runs.ts';
import { CATALOGUE, CHIPS, input } from './settings.ts';

const assumed = (label: string, value: number, because: string, unit = '1'): NumberSpec => ({ kind: 'leaf', label, value, unit, source: { kind: 'assumed', because } });
const DEFAULT = 'default of the engine that the paper builds on';

/** First groups of Figure 11, blocks: its ends, 64 and 3000 tokens, and that of the other figures between them. */
export const FIRST_GROUPS = [4, Number(copies.firstGroup.blocks), 188] as const;
/** Lighter loads, conversations a second. */
export const LIGHTER = [0.5, 0.6, 0.8, 0.9] as const;
/** How far seeds are moved. */
export const SEEDS = [1, 2] as const;

const frequencies: readonly number[] = [...new Set([...figure10.vllm.frequency, ...figure11.frequency, ...MODELS.map((model) => setup.frequency[model])])];

/** What runs are made from, by `fastswitch/input/<name>`. */
export const runSettings: Readonly<Record<string, NumberSpec>> = {
  'input/conversations': printedLeaf('conversations of a run', setup.conversations, '1', 'section 4.1'),
  'input/rate': printedLeaf('conversations that arrive', setup.requestsPerSecond, '1/s', 'section 4.1'),
  ...Object.fromEntries(LIGHTER.map((rate) => [`input/rate/${rate}`, assumed('conversations that arrive', rate, 'a lighter load than the printed one', '1/s')])),
  ...Object.fromEntries(
    [...new Set([setup.hostGigabytes, ...figure13.hostGigabytes])].map((gigabytes) => [
      `input/host/${gigabytes}`,
      printedLeaf('bytes on the host for keys and values', 1e9 * gigabytes, 'B', gigabytes === setup.hostGigabytes ? 'section 4.1' : 'Figure 13'),
    ]),
  ),
  ...Object.fromEntries(frequencies.map((f) => [`input/frequency/${f}`, printedLeaf('priority updates an iteration', f, '1', 'sections 2.2 and 5')])),
  ...Object.fromEntries(FIRST_GROUPS.map((blocks) => [`input/first-group/${blocks}`, printedLeaf('blocks of a first group', blocks, '1', 'sections 3.1 and 5')])),
  'input/memory-share': assumed('share of the memory of the GPU that the engine takes', ASSUMED.memoryShare, DEFAULT),
  'input/max-requests': assumed('conversations that run together at most', ASSUMED.maxRequests, DEFAULT),
  'input/batch-tokens': assumed('new tokens of one pass over prompts', ASSUMED.batchTokens, DEFAULT),
  'input/longest': assumed('tokens of the longest conversation', ASSUMED.longest, 'the context of LLaMA 3; the few longer ones that are drawn are cut'),
  'input/think-time': assumed('time from an answer to the next prompt', ASSUMED.thinkSeconds, 'the paper states none', 's'),
  'input/think-time/30': assumed('mean time from an answer to the next prompt', 30, 'a user reads and writes', 's'),
  'input/answer-share': assumed('share of the tokens that are answers', answerShare(), 'the paper draws tokens of whole conversations only; answers as DistServe measured them in the same data set'),
  'input/persistence': assumed(
    'probability that a priority is kept at an update, Markov',
    ASSUMED.persistence,
    'no transition matrix is printed; this form of Markov was chosen after the results of 0, 0.2 and 0.5 had been seen',
  ),
  'input/persistence/0.5': assumed('probability that a priority is kept at an update, Markov', 0.5, 'another form of Markov'),
  'input/seed': assumed('seed of conversations', ASSUMED.conversationSeed, 'the first'),
  'input/priority-seed': assumed('seed of priorities', ASSUMED.prioritySeed, 'the next'),
  ...Object.fromEntries(SEEDS.map((seeds) => [`input/seeds/${seeds}`, assumed('seeds are so many further', seeds, 'others')])),
};

/** What a run is made from, by symbol. */
export function inputsOf({
  model,
  pattern,
  frequency = setup.frequency[model],
  hostGigabytes = setup.hostGigabytes,
  system,
  initialGroup,
  rate,
  seeds,
  persistence,
  thinkSeconds,
}: RunOf): Readonly<Record<string, string>> {
  return {
    layers: `model/${CATALOGUE[model]}/layer-count`,
    peak: `accelerator/${CHIPS[model]}/math-peak/bf16`,
    memoryBandwidth: `accelerator/${CHIPS[model]}/memoryBandwidth`,
    memoryCapacity: `accelerator/${CHIPS[model]}/memoryCapacity`,
    sliceBytes: `${ID}/slice/${model}`,
    blockTokens: input('block-tokens'),
    ...Object.fromEntries(
      [
        'dispatch-out',
        'dispatch-in',
        'link-out',
        'link-in',
        ...(system === 'fastswitch' ? ['link-both'] : []),
        'conversations',
        'memory-share',
        'max-requests',
        'batch-tokens',
        'longest',
        'answer-share',
        'seed',
        'priority-seed',
      ].map((name) => [name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()), input(name)]),
    ),
    frequency: input(`frequency/${frequency}`),
    hostBytes: input(`host/${hostGigabytes}`),
    rate: input(rate === undefined ? 'rate' : `rate/${rate}`),
    thinkTime: input(thinkSeconds === undefined ? 'think-time' : `think-time/${thinkSeconds}`),
    ...(system === 'vllm' ? {} : { firstGroup: input(`first-group/${initialGroup ?? Number(copies.firstGroup.blocks)}`) }),
    ...(pattern === 'markov' ? { persistence: input(persistence === undefined ? 'persistence' : `persistence/${persistence}`) } : {}),
    ...(seeds === undefined ? {} : { seeds: input(`seeds/${seeds}`) }),
  };
}
