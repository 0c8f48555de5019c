import type { JsonObject } from './spec.ts';

const KIBI = 1024;

/** Every second power of two between two context lengths and the last one; all of them where they are few. */
const contextTicks = (from: number, to: number): readonly number[] => {
  const powers = Array.from({ length: 31 }, (_, power) => 2 ** power).filter((tokens) => tokens >= Math.max(from, 1) && tokens <= to);
  return powers.length <= 4 ? powers : powers.filter((tokens, index) => index % 2 === 0 || tokens === powers.at(-1));
};

/**
 * The x channel of a context-length axis: log2, ticks at 8K, 32K, 128K, 512K, 1M with K = 1024.
 * @param values where ticks stand; every second power of two unless said
 */
export const contextAxis = (field: string, from: number, to: number, values: readonly number[] = contextTicks(from, to)): JsonObject => ({
  field,
  type: 'quantitative',
  scale: { type: 'log', base: 2, domain: [from, to], nice: false },
  axis: {
    title: 'Context length, tokens (log scale)',
    values,
    labelExpr: `datum.value >= ${KIBI * KIBI} ? datum.value / ${KIBI * KIBI} + 'M' : datum.value >= ${KIBI} ? datum.value / ${KIBI} + 'K' : '' + datum.value`,
    labelOverlap: 'greedy',
    labelSeparation: 4,
  },
});

/** Every third power of two between two bounds, from the first one: `4 32 256 2048`. */
export function powersOfEight(from: number, to: number): readonly number[] {
  const first = Math.ceil(Math.log2(from));
  return Array.from({ length: Math.floor((Math.log2(to) - first) / 3) + 1 }, (_, at) => 2 ** (first + 3 * at));
}

/** Human values of a decade, 1 and 3, that lie between two bounds: `$0.01 $0.03 $0.1 $0.3 $1`. */
export function decadeTicks(from: number, to: number): readonly number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power += 1) ticks.push(...[1, 3].map((digit) => Number(`${digit}e${power}`)));
  return ticks.filter((tick) => tick >= from && tick <= to);
}

/** The channel of a cost in USD, log scale with ticks at 1 and 3 of each decade. The title says what is paid for. */
export const usdLogAxis = (field: string, title: string, from: number, to: number): JsonObject => ({
  field,
  type: 'quantitative',
  scale: { type: 'log', domain: [from, to], nice: false },
  axis: { title: `${title} (log scale)`, values: decadeTicks(from, to), labelExpr: USD, ...topTitle },
});

/** The channel of a cost in USD from zero. */
export const usdAxis = (field: string, title: string): JsonObject => ({
  field,
  type: 'quantitative',
  scale: { zero: true },
  axis: { title, labelExpr: USD, tickCount: 6, ...topTitle },
});

/** Puts the title of a y axis above it, level, where it is read without turning the head. Spread it into `axis`. */
export const topTitle: JsonObject = { titleAngle: 0, titleAlign: 'left', titleAnchor: 'end', titleBaseline: 'bottom', titleX: 0, titleY: -10 };

/** The label of a time given in seconds: `300 µs`, `10 ms`, `3 s`. */
export const SECONDS_LABEL = "datum.value >= 1 ? format(datum.value, '~r') + ' s' : datum.value >= 1e-3 ? format(1e3 * datum.value, '~r') + ' ms' : format(1e6 * datum.value, '~r') + ' µs'";

const USD = "'$' + format(datum.value, '~r')";
