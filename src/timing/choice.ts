import type { Accelerator } from '../accelerators/accelerator.ts';
import { peakFor } from '../accelerators/peak.ts';
import { PRECISION_BITS } from '../layers/precision.ts';
import raw from './calibration.generated.json' with { type: 'json' };
import type { CalibrationData, CalibrationEntry } from './calibration-data.ts';
import { spanOf } from './kernels/collective.ts';
import { type FamilyId, familyOf } from './kernels/families.ts';
import type { Kernel, PrefillAttentionKernel } from './kernels/kernel.ts';

export const calibration = raw as unknown as CalibrationData;

/** Where kernels are launched: one by one from the host, as in most benchmarks, or from a graph, as engines do when they decode. */
export type Launch = 'host' | 'graph';

/** Which ceiling computation has on a chip whose power is limited: that of the first milliseconds, or that of seconds without pause. */
export type Power = 'burst' | 'sustained';

export interface ChoiceOptions {
  readonly launch?: Launch;
  readonly power?: Power;
  /** a named family in place of the one that the chip was measured with */
  readonly family?: FamilyId;
  /** the committed calibration unless given */
  readonly data?: CalibrationData;
}

/** Constants for a kernel on a chip, and how far they were carried. */
export interface Choice {
  readonly entry: CalibrationEntry;
  readonly family: FamilyId;
  readonly constants: Readonly<Record<string, number>>;
  /** what was carried over to this chip or format, null where the entry was measured on it */
  readonly carried: string | null;
  /** half width, in the logarithm of time, by which that widens an 80 % interval */
  readonly widening: number;
}

/**
 * Half widths, in the logarithm of time, by which constants of another format, another chip of the same architecture, one of it whose peak is
 * cut, and any other chip are trusted less. Measured transfers between H100, H800 and H20 are off by 5 to 15 % where shares of the peak do not matter, by up to
 * 30 % where they do; nothing is measured across architectures.
 */
const WIDENING = { format: 0.1, architecture: 0.15, cut: 0.25, other: 0.35 } as const;

/** Chips of one architecture whose compute units differ by more than this in peak do not reach alike shares of it. */
const ALIKE = 1.5;

/** Families that a kernel may run as, the one preferred where several are as well measured first. */
const FAMILIES: { readonly [K in Kernel['kind'] | 'mla' | 'sparse-mla' | 'indexer' | 'block-scaled-gemm' | 'normal-expert-exchange']: readonly FamilyId[] } = {
  gemm: ['gemm'],
  'block-scaled-gemm': ['gemm/block-scaled', 'gemm'],
  'grouped-gemm': ['grouped-gemm'],
  'decode-attention': ['decode-attention/tuned', 'decode-attention/fa2'],
  mla: ['mla-decode/flashmla', 'mla-decode/flashinfer'],
  'sparse-mla': ['sparse-mla'],
  indexer: ['indexer'],
  'prefill-attention': ['prefill-attention'],
  elementwise: ['elementwise'],
  collective: ['collective'],
  'expert-exchange': ['expert-exchange/low-latency'],
  'normal-expert-exchange': ['expert-exchange/normal'],
};

const familiesOf = (kernel: Kernel): readonly FamilyId[] => {
  if (kernel.kind === 'decode-attention' && kernel.variant !== 'gqa') return FAMILIES[kernel.variant];
  if (kernel.kind === 'gemm' && kernel.blockScaled) return FAMILIES['block-scaled-gemm'];
  if (kernel.kind === 'expert-exchange' && kernel.mode === 'normal') return FAMILIES['normal-expert-exchange'];
  return FAMILIES[kernel.kind];
};

/** Bits of the format that a chip multiplies a kernel's operands in; null where it multiplies none. */
function bitsOf(kernel: Kernel, chip: Accelerator): 8 | 16 | null {
  if (!('math' in kernel)) return null;
  // an 8-bit cache is another kernel than a 16-bit one, whatever it is multiplied in
  if (kernel.kind === 'decode-attention' && kernel.kvBytesPerToken < 1.5 * kernel.kvHeads * (kernel.variant === 'gqa' ? kernel.queryKeyDim + kernel.valueDim : kernel.queryKeyDim)) return 8;
  return PRECISION_BITS[peakFor(chip, kernel.math).precision] >= 16 ? 16 : 8;
}

/** Whether a kernel is of a kind that no measurement comes near: integers, latent heads in other numbers than 128, attention in both directions, exchanges over a network. */
const isUnlike = (kernel: Kernel, chip: Accelerator): boolean =>
  ('math' in kernel && kernel.math === 'int8') ||
  (kernel.kind === 'decode-attention' && kernel.variant === 'mla' && kernel.heads !== MEASURED_LATENT_HEADS) ||
  (kernel.kind === 'prefill-attention' && attendsAhead(kernel)) ||
  (kernel.kind === 'collective' && spanOf(kernel) > chip.scaleUpDomain);

const MEASURED_LATENT_HEADS = 128;

/** Whether there are more pairs than those of a token and what is before it; pairs of long prompts are rounded. */
const attendsAhead = ({ context, pairs }: PrefillAttentionKernel): boolean => 2 * pairs > context * (context + 1) * (1 + 1e-9);

/** Whether a chip, or the one that it is a variant of, is among some. */
const isOf = (accelerators: readonly string[], { id, variantOf }: Accelerator): boolean => accelerators.includes(id) || (variantOf !== null && accelerators.includes(variantOf));

/** How far an entry is from a kernel on a chip, by what it is trusted less for: its place and its format. */
function distance({ accelerators, architecture, unitPeaks, mathBits, points }: CalibrationEntry, bits: 8 | 16 | null, chip: Accelerator): { readonly place: number; readonly format: number } {
  const format = mathBits !== null && bits !== null && mathBits !== bits ? WIDENING.format : 0;
  if (isOf(accelerators, chip)) return { place: points > 0 ? 0 : WIDENING.architecture, format };
  if (architecture !== chip.architecture) return { place: WIDENING.other, format };
  const unitPeak = chip.peak.bf16 / chip.computeUnits;
  return { place: unitPeaks.some((peak) => peak <= ALIKE * unitPeak && unitPeak <= ALIKE * peak) ? WIDENING.architecture : WIDENING.cut, format };
}

/** What was carried over, in words; null where nothing was. */
function carriedOf({ accelerators, mathBits, points }: CalibrationEntry, chip: Accelerator, format: number, unlike: boolean): string | null {
  const from = points === 0 ? ['assumed constants'] : isOf(accelerators, chip) ? [] : [`constants of ${accelerators.join(' and ')}`];
  const words = [...from, ...(format === 0 ? [] : [`measured in ${mathBits} bit`]), ...(unlike ? ['beyond what was measured'] : [])];
  return words.length === 0 ? null : words.join(', ');
}

/** The entry nearest to a kernel on a chip, constants that were measured before assumed ones; `family` asks for a named one. @throws RangeError when that has no entry or times other kernels */
export function choose(kernel: Kernel, chip: Accelerator, { launch = 'host', power = 'burst', family, data = calibration }: ChoiceOptions = {}): Choice {
  const bits = bitsOf(kernel, chip);
  const unlike = isUnlike(kernel, chip);
  if (family !== undefined) return nearestEntry([family], { kind: kernel.kind, chip, bits, unlike, launch, power, named: true, data });
  const wanted = familiesOf(kernel);
  const made = madeFor(data, chip, wanted);
  // whole passes ask for the same few choices again and again
  const slot = (bits ?? 0) + (unlike ? 1 : 0) + (launch === 'graph' ? 2 : 0) + (power === 'sustained' ? 4 : 0);
  made[slot] ??= nearestEntry(wanted, { kind: kernel.kind, chip, bits, unlike, launch, power, named: false, data });
  return made[slot];
}

interface Known<K, V> {
  readonly get: (key: K) => V | undefined;
  readonly set: (key: K, value: V) => unknown;
}
type ByFamilies = Map<readonly FamilyId[], Choice[]>;
type ByChip = WeakMap<Accelerator, ByFamilies>;
const choices = new WeakMap<CalibrationData, ByChip>();

/** Choices that were made for a chip; neither data nor chips change. */
const madeFor = (data: CalibrationData, chip: Accelerator, families: readonly FamilyId[]): Choice[] => kept(kept(kept(choices, data, newByChip), chip, newByFamilies), families, newChoices);

const newByChip = (): ByChip => new WeakMap();
const newByFamilies = (): ByFamilies => new Map();
const newChoices = (): Choice[] => [];

/** The value of a key, made where there is none. */
function kept<K, V>(known: Known<K, V>, key: K, make: () => V): V {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}

/** What a choice depends on. */
interface Asked {
  readonly kind: Kernel['kind'];
  readonly chip: Accelerator;
  readonly bits: 8 | 16 | null;
  readonly unlike: boolean;
  readonly launch: Launch;
  readonly power: Power;
  /** a named family may be one with assumed constants */
  readonly named: boolean;
  readonly data: CalibrationData;
}

function nearestEntry(families: readonly FamilyId[], { kind, chip, bits, unlike, launch, power, named, data }: Asked): Choice {
  let best: { readonly entry: CalibrationEntry; readonly widening: number; readonly format: number; readonly rank: number } | undefined;
  for (const id of families)
    for (const entry of data.entries) {
      if (entry.family !== id) continue;
      const { place, format } = distance(entry, bits, chip);
      const widening = Math.hypot(place, format, unlike ? WIDENING.cut : 0);
      // of two that are as far, those of the chip itself
      const rank = (entry.points === 0 && !named ? 1 : 0) + widening - (isOf(entry.accelerators, chip) ? 1e-3 : 0);
      if (best === undefined || rank < best.rank) best = { entry, widening, format, rank };
    }
  if (best === undefined) throw new RangeError(`timing: family ${families.join(', ')} has no measurements`);
  const { entry, widening, format } = best;
  if (familyOf(entry.family).kernel !== kind) throw new RangeError(`timing: family ${entry.family} does not time a ${kind} kernel`);
  const constants = launch === 'graph' ? fromGraph(entry, data) : entry.constants;
  return { entry, family: entry.family, constants: power === 'sustained' ? throttled(constants, bits, chip, data) : constants, carried: carriedOf(entry, chip, format, unlike), widening };
}

/** A family's constants as they are in a graph: launches from the host take as long as those of the entry of its kind that was measured in one. */
function fromGraph(entry: CalibrationEntry, { entries }: CalibrationData): Readonly<Record<string, number>> {
  if (entry.launchedFrom === 'graph' || entry.constants.launch === undefined) return entry.constants;
  const kind = entry.family.split('/')[0];
  const reference = entries.find((each) => each.launchedFrom === 'graph' && each.family.split('/')[0] === kind);
  if (reference === undefined) return entry.constants;
  return { ...entry.constants, launch: Math.min(entry.constants.launch, reference.constants.launch as number), ...(entry.constants.hostFloor === undefined ? {} : { hostFloor: 0 }) };
}

/** A family's constants after seconds at the power limit: no matrix work reaches more than the sustained ceiling. */
function throttled(constants: Readonly<Record<string, number>>, bits: 8 | 16 | null, chip: Accelerator, { ceilings }: CalibrationData): Readonly<Record<string, number>> {
  if (constants.computeShare === undefined || bits === null) return constants;
  const ceiling = ceilings.find(({ accelerators, mathBits }) => isOf(accelerators, chip) && mathBits === bits);
  return ceiling === undefined ? constants : { ...constants, computeShare: Math.min(constants.computeShare, ceiling.sustained) };
}
