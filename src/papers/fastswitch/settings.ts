import { link } from '../../accelerators/links.ts';
import type { NumberSpec } from '../../evidence/number.ts';
import type { Model } from './data/figure8.ts';
import { copies } from './data/text.ts';
import { ID, printedLeaf } from './item.ts';

/**
 * What stands for the models of the paper, which names neither a version nor a file: LLaMA 3 of 8 billion parameters has the dimensions of 3.1, Qwen1.5 of 32
 * billion the layers and heads of keys and values of Qwen3.
 */
export const CATALOGUE: Readonly<Record<Model, string>> = { 'llama-8b': 'llama-3.1-8b', 'qwen-32b': 'qwen3-32b' };

export const input = (name: string): string => `${ID}/input/${name}`;

/** A way of the link. */
export type Way = 'out' | 'in';

/** Host time of one copy call from a loop in C++, s: measured on an H100, where the paper has an A10 and states 10 us or more. One place, see `input/dispatch-<way>`. */
const LOOP_DISPATCH: Readonly<Record<Way, number>> = { out: 2.3e-6, in: 2.85e-6 };

const dispatchLeaf = (way: Way): NumberSpec => ({
  kind: 'leaf',
  label: `host time of one copy call from C++, ${way === 'out' ? 'device to host' : 'host to device'}`,
  value: LOOP_DISPATCH[way],
  unit: 's',
  source: { kind: 'measured', what: 'scattered copies of 4 KiB to 16 MiB, H100 80GB HBM3 SXM, pinned host memory, driver 580.159.04, CUDA 13.0', date: '2026-11-23' },
});

function linkLeaf(field: 'rawPerDirection' | 'achievedPerDirection', label: string): NumberSpec {
  const { link: pcie, sources } = link('pcie4-x16');
  const note = sources.get(field);
  return {
    kind: 'leaf',
    label,
    value: pcie[field] as number,
    unit: 'B/s',
    source: note?.source ?? { kind: 'assumed', because: 'no source recorded' },
    ...(note?.note === undefined ? {} : { note: note.note }),
  };
}

const GB = 1e9;
const US = 1e-6;

/** What cells are computed from, by `fastswitch/<path>`. */
export const settingInputs: Readonly<Record<string, NumberSpec>> = {
  'input/dispatch-out': dispatchLeaf('out'),
  'input/dispatch-in': dispatchLeaf('in'),
  'input/dispatch-printed': printedLeaf('host time of one copy call, at least', Number(copies.microseconds) * US, 's', 'section 2.2'),
  'input/link-raw': linkLeaf('rawPerDirection', 'line rate of PCIe 4.0 x16, one way'),
  'input/link-achieved': linkLeaf('achievedPerDirection', 'rate of large copies on PCIe 4.0 x16, one way'),
  'input/link-printed': printedLeaf('rate of PCIe 4.0 x16, one way', Number(copies.linkGigabytesPerSecond.oneWay) * GB, 'B/s', 'section 4'),
  'input/block-tokens': printedLeaf('tokens of a block', copies.blockTokens, '1', 'section 2.2'),
  'input/element-bytes': {
    kind: 'leaf',
    label: 'bytes of an element of the cache',
    value: 2,
    unit: 'B',
    source: { kind: 'assumed', because: 'FP16 is the default of the engine that the paper builds on; the paper names no format' },
  },
  'input/piece-printed': printedLeaf('bytes of a copy call of LLaMA-8B', Number(copies.pieceKilobytes) * 2 ** 10, 'B', 'section 2.2'),
  'input/best-printed': printedLeaf('bytes of a copy that use PCIe 4.0 best', Number(copies.bestKilobytes) * 2 ** 10, 'B', 'section 2.2 (KB taken as 2^10 bytes)'),
  'input/group-blocks': printedLeaf('blocks of a mean group', Number(copies.groupBlocks), '1', 'section 3.1'),
  'input/one-block': { kind: 'leaf', label: 'blocks of a group without groups', value: 1, unit: '1', source: { kind: 'derived', from: 'definition' } },
  'input/first-group-tokens': printedLeaf('tokens of a first group', copies.firstGroup.tokens, '1', 'section 3.1'),
};
