import { link } from '../../accelerators/links.ts';
import type { NumberSpec } from '../../evidence/number.ts';
import { copiesOver, copyConstants } from '../../timing/copies.ts';
import type { CopyDirection } from '../../timing/copy-data.ts';
import type { Model } from './data/figure8.ts';
import { copies } from './data/text.ts';
import { ID, printedLeaf } from './item.ts';

/** What stands for the models of the paper, which names neither a version nor a file: LLaMA 3 of 8 billion parameters has the dimensions of 3.1, and Qwen1.5 is the one before the paper that has 32 billion. */
export const CATALOGUE = { 'llama-8b': 'llama-3.1-8b', 'qwen-32b': 'qwen1.5-32b' } as const satisfies Readonly<Record<Model, string>>;

/** The GPUs of the paper's models. */
export const CHIPS = { 'llama-8b': 'a10', 'qwen-32b': 'a100-80g' } as const satisfies Readonly<Record<Model, string>>;

export const input = (name: string): string => `${ID}/input/${name}`;

/** A way of the link: swaps out and in. */
export type Way = 'out' | 'in';
const DIRECTION = { out: 'd2h', in: 'h2d' } as const satisfies Readonly<Record<Way, CopyDirection>>;
const WAY_NAMES: Readonly<Record<Way, string>> = { out: 'device to host', in: 'host to device' };

/** The link of the paper's servers, with copies as a loop in C++ makes them: measured on another link, and carried. */
export const paperLink = copiesOver(link('pcie4-x16').link, 'loop');

const dispatchLeaf = (way: Way): NumberSpec => {
  const { secondsPerCall: value, source } = copyConstants('loop', DIRECTION[way]);
  return { kind: 'leaf', label: `host time of one copy call from C++, ${WAY_NAMES[way]}`, value, unit: 's', source };
};

const carriedLeaf = (label: string, value: number): NumberSpec => ({ kind: 'leaf', label, value, unit: 'B/s', source: { kind: 'assumed', because: paperLink.because } });

function rawLeaf(): NumberSpec {
  const { link: pcie, sources } = link('pcie4-x16');
  return {
    kind: 'leaf',
    label: 'line rate of PCIe 4.0 x16, one way',
    value: pcie.rawPerDirection,
    unit: 'B/s',
    source: sources.get('rawPerDirection')?.source ?? { kind: 'assumed', because: 'no source recorded' },
  };
}

const GB = 1e9;
const US = 1e-6;

/** What cells are computed from, by `fastswitch/<path>`. */
export const settingInputs: Readonly<Record<string, NumberSpec>> = {
  'input/dispatch-out': dispatchLeaf('out'),
  'input/dispatch-in': dispatchLeaf('in'),
  'input/dispatch-printed': printedLeaf('host time of one copy call, at least', Number(copies.microseconds) * US, 's', 'section 2.2'),
  'input/link-raw': rawLeaf(),
  'input/link-out': carriedLeaf('rate of large copies on PCIe 4.0 x16, device to host', paperLink.d2h.bytesPerSecond),
  'input/link-in': carriedLeaf('rate of large copies on PCIe 4.0 x16, host to device', paperLink.h2d.bytesPerSecond),
  'input/link-both': carriedLeaf('rate of large copies on PCIe 4.0 x16, both ways together', paperLink.bothDirectionsBytesPerSecond),
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
