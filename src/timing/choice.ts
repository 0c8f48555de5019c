import type { Accelerator } from '../accelerators/accelerator.ts';
import { peakFor } from '../accelerators/peak.ts';
import { PRECISION_BITS } from '../layers/precision.ts';
import raw from './calibration.generated.json' with { type: 'json' };
import type { CalibrationData, CalibrationEntry } from './calibration-data.ts';
import { type FamilyId, familyOf } from './kernels/families.ts';
import type { Kernel } from './kernels/kernel.ts';

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
const FAMILIES: { readonly [K in Kernel['kind'] | 'mla' | 'sparse-mla' | 'indexer']: readonly FamilyId[] } = {
  gemm: ['gemm'],
  'grouped-gemm': ['grouped-gemm'],
  'decode-attention': ['decode-attention/tuned', 'decode-attention/fa2'],
  mla: ['mla-decode/flashmla', 'mla-decode/flashinfer'],
  'sparse-mla': ['sparse-mla'],
  indexer: ['indexer'],
  'prefill-attention': ['prefill-attention'],
  elementwise: ['elementwise'],
  collective: ['collective'],
  'expert-exchange': ['expert-exchange/low-latency'],
};

const familiesOf = (kernel: Kernel): readonly FamilyId[] => {
  if (kernel.kind === 'decode-attention' && kernel.variant !== 'gqa') return FAMILIES[kernel.variant];
  if (kernel.kind === 'gemm' && kernel.blockScaled) return ['gemm/block-scaled', 'gemm'];
  if (kernel.kind === 'expert-exchange' && kernel.mode === 'normal') return ['expert-exchange/normal'];
  return FAMILIES[kernel.kind];
};

/** Bits of the format that a chip multiplies a kernel's operands in; null where it multiplies none. */
const bitsOf = (kernel: Kernel, chip: Accelerator): 8 | 16 | null => ('math' in kernel ? (PRECISION_BITS[peakFor(chip, kernel.math).precision] >= 16 ? 16 : 8) : null);

/** Whether a chip, or the one that it is a variant of, is among some. */
const isOf = (accelerators: readonly string[], { id, variantOf }: Accelerator): boolean => accelerators.includes(id) || (variantOf !== null && accelerators.includes(variantOf));

/** How far an entry is from a kernel on a chip: its own measurements, another format, a relative, a stranger. */
function distance({ accelerators, architecture, unitPeaks, mathBits, points }: CalibrationEntry, kernel: Kernel, chip: Accelerator): { readonly widening: number; readonly carried: string | null } {
  const bits = bitsOf(kernel, chip);
  const format = mathBits !== null && bits !== null && mathBits !== bits ? WIDENING.format : 0;
  const measured = isOf(accelerators, chip);
  const unitPeak = chip.peak.bf16 / chip.computeUnits;
  const alike = unitPeaks.some((peak) => Math.abs(Math.log(peak / unitPeak)) <= Math.log(ALIKE));
  const relative = architecture !== chip.architecture ? WIDENING.other : alike ? WIDENING.architecture : WIDENING.cut;
  const place = measured ? (points > 0 ? 0 : WIDENING.architecture) : relative;
  if (place === 0 && format === 0) return { widening: 0, carried: null };
  const from = points === 0 ? ['assumed constants'] : measured ? [] : [`constants of ${accelerators.join(' and ')}`];
  return { widening: Math.hypot(place, format), carried: [...from, ...(format === 0 ? [] : [`measured in ${mathBits} bit`])].join(', ') };
}

/** The entry nearest to a kernel on a chip, constants that were measured before assumed ones; `family` asks for a named one. @throws RangeError when that has no entry or times other kernels */
export function choose(kernel: Kernel, chip: Accelerator, { launch = 'host', power = 'burst', family, data = calibration }: ChoiceOptions = {}): Choice {
  const wanted = family === undefined ? familiesOf(kernel) : [family];
  const candidates = wanted.flatMap((id) => data.entries.filter((entry) => entry.family === id).map((entry) => ({ entry, ...distance(entry, kernel, chip) })));
  // a named family may be one with assumed constants; of two that are as far, those of the chip itself
  const rank = ({ entry, widening }: (typeof candidates)[number]): number => (entry.points === 0 && family === undefined ? 1 : 0) + widening - (isOf(entry.accelerators, chip) ? 1e-3 : 0);
  const [first, ...others] = candidates;
  if (first === undefined) throw new RangeError(`timing: family ${wanted.join(', ')} has no measurements`);
  if (familyOf(first.entry.family).kernel !== kernel.kind) throw new RangeError(`timing: family ${first.entry.family} does not time a ${kernel.kind} kernel`);
  const best = others.reduce((nearest, candidate) => (rank(candidate) < rank(nearest) ? candidate : nearest), first);
  const constants = launch === 'graph' ? fromGraph(best.entry, data) : best.entry.constants;
  return { ...best, family: best.entry.family, constants: power === 'sustained' ? throttled(constants, kernel, chip, data) : constants };
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
function throttled(constants: Readonly<Record<string, number>>, kernel: Kernel, chip: Accelerator, { ceilings }: CalibrationData): Readonly<Record<string, number>> {
  const bits = bitsOf(kernel, chip);
  if (constants.computeShare === undefined || bits === null) return constants;
  const ceiling = ceilings.find(({ accelerators, mathBits }) => isOf(accelerators, chip) && mathBits === bits);
  return ceiling === undefined ? constants : { ...constants, computeShare: Math.min(constants.computeShare, ceiling.sustained) };
}
