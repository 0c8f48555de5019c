import type { JsonObject } from './spec.ts';

/** The two sets of colours. `css` gives tokens as `var(--name)`, so that a page decides; anything that leaves the page needs one of the two. */
export type Mode = 'light' | 'dark';
export type ColourMode = Mode | 'css';

interface Pair {
  readonly light: string;
  readonly dark: string;
}

/**
 * One colour a model, everywhere. At least 3:1 against the page in both modes, and apart for readers with deuteranopia
 * and protanopia (the test measures both); Step-3 is the accent. Any other model is drawn in `context`, a grey.
 */
export const MODEL_COLOURS = {
  'step-3': { light: '#d0400a', dark: '#ff7a45' },
  'deepseek-v3': { light: '#3f62b4', dark: '#5079ec' },
  'kimi-k2': { light: '#4f96b8', dark: '#5cc4f0' },
  'qwen3-235b-a22b': { light: '#2b9c73', dark: '#5fdcae' },
  'qwen3-32b': { light: '#3d4d00', dark: '#d9d05a' },
  'llama-4-maverick': { light: '#a868e6', dark: '#a38ffb' },
  'minimax-m1': { light: '#6b2a58', dark: '#bd4aa6' },
  'ernie-4.5-300b-a47b': { light: '#7a4d42', dark: '#a86a4c' },
  'pangu-pro-moe': { light: '#64727c', dark: '#94a3ac' },
} as const satisfies Readonly<Record<string, Pair>>;

/** Colours that are not a model: surfaces, text in two strengths, lines in two strengths, grey context, links. */
export const COLOURS = {
  page: { light: '#ffffff', dark: '#15181c' },
  surface: { light: '#f6f7f6', dark: '#1d2227' },
  text: { light: '#1c2126', dark: '#e6e9ec' },
  muted: { light: '#59626b', dark: '#a2abb4' },
  rule: { light: '#c6ccd1', dark: '#48515a' },
  grid: { light: '#e6e9eb', dark: '#2a3037' },
  context: { light: '#868f98', dark: '#7f8993' },
  link: { light: '#1d5aa8', dark: '#84b6f4' },
  accent: MODEL_COLOURS['step-3'],
} as const satisfies Readonly<Record<string, Pair>>;
export type ColourToken = keyof typeof COLOURS;

/** How a chip is told apart where colour already says which model it is: a dash for lines, a Vega symbol for points. */
export interface LineStyle {
  readonly dash: readonly number[];
  readonly marker: string;
}

const CHIP_STYLES: Readonly<Record<string, LineStyle>> = {
  h800: { dash: [], marker: 'circle' },
  h20: { dash: [7, 3], marker: 'square' },
  a800: { dash: [2, 2], marker: 'triangle-up' },
  'ascend-910b': { dash: [9, 3, 2, 3], marker: 'diamond' },
  h100: { dash: [12, 3], marker: 'triangle-down' },
  h200: { dash: [12, 3, 2, 3, 2, 3], marker: 'cross' },
  'a100-80g': { dash: [4, 4], marker: 'triangle-right' },
  l20: { dash: [5, 2, 2, 2], marker: 'triangle-left' },
  l4: { dash: [1, 3], marker: 'wedge' },
  a10: { dash: [6, 2, 1, 2], marker: 'arrow' },
};

/** Markers by attention kind, for charts whose points are models. */
export const ATTENTION_MARKERS: Readonly<Record<string, string>> = { mfa: 'circle', mla: 'diamond', gqa: 'square', hybrid: 'triangle-up' };

/** A line beyond the context that a model was trained for. */
export const BEYOND_TRAINED_DASH: readonly number[] = [2, 4];

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif';

/** One scale for text (rem) and one for space (rem); charts use `CHART_TEXT` (px) because they do not grow with the page. */
export const TEXT_SIZES = { small: 0.8125, caption: 0.9375, body: 1.0625, lead: 1.25, heading: 1.5, figure: 2.125, title: 2.625 } as const;
export const SPACES = { 1: 0.25, 2: 0.5, 3: 0.75, 4: 1, 6: 1.5, 8: 2, 12: 3, 16: 4 } as const;
export const CHART_TEXT = { label: 12, title: 12, annotation: 12 } as const;

const pick = (pair: Pair, name: string, mode: ColourMode): string => (mode === 'css' ? `var(--${name})` : pair[mode]);
const modelToken = (id: string): string => `model-${id.replaceAll('.', '-')}`;
const isModel = (id: string): id is keyof typeof MODEL_COLOURS => Object.hasOwn(MODEL_COLOURS, id);

/** The colour of a token. */
export const colour = (token: ColourToken, mode: ColourMode = 'css'): string => pick(COLOURS[token], token, mode);

/** The colour of a model, grey for one that is not in the set. */
export const modelColour = (id: string, mode: ColourMode = 'css'): string => (isModel(id) ? pick(MODEL_COLOURS[id], modelToken(id), mode) : colour('context', mode));

/** Colours for things that are not models: the most unlike ones first; the accent, which means Step-3, as late as can be. */
const SERIES_HUES: readonly (keyof typeof MODEL_COLOURS)[] = [
  'deepseek-v3',
  'qwen3-235b-a22b',
  'minimax-m1',
  'qwen3-32b',
  'kimi-k2',
  'ernie-4.5-300b-a47b',
  'llama-4-maverick',
  'step-3',
  'pangu-pro-moe',
];

/** `modelColours` for systems, deployments and the like. */
export const seriesColours = (ids: Iterable<string>): ((id: string) => string) => modelColours(ids, SERIES_HUES);

/** Hues of areas that hold text in the colour of the page: told apart in both modes and by colour-blind readers. */
export const FILL_HUES: readonly (keyof typeof MODEL_COLOURS)[] = ['deepseek-v3', 'qwen3-32b', 'minimax-m1', 'pangu-pro-moe', 'step-3', 'ernie-4.5-300b-a47b'];

/**
 * Colours for the models of one chart: a model of the set keeps its own, others (a reader's designs) take in `order` those that
 * no model of the chart has; grey when all are taken.
 */
export function modelColours(ids: Iterable<string>, order: readonly string[] = Object.keys(MODEL_COLOURS)): (id: string) => string {
  const wanted = [...new Set(ids)];
  const free = order.filter((id) => !wanted.includes(id));
  const others = wanted.filter((id) => !isModel(id));
  return (id) => modelColour(isModel(id) ? id : (free[others.indexOf(id)] ?? id));
}

/** A Vega-Lite colour scale that gives each of these models its own colour; `values` are what the field holds (ids unless said). */
export const modelScale = (ids: readonly string[], values: readonly string[] = ids): JsonObject => ({ domain: values, range: ids.map((id) => modelColour(id)) });

/** The style of a chip. A variant (`a800:datasheet`) is drawn as its chip, an unknown chip as a solid line with circles. */
export const chipStyle = (id: string): LineStyle => CHIP_STYLES[id.split(':')[0] ?? ''] ?? { dash: [], marker: 'circle' };

const tokens = (mode: Mode): readonly (readonly [string, string])[] => [
  ...Object.entries(COLOURS).map(([name, pair]) => [name, pair[mode]] as const),
  ...Object.entries(MODEL_COLOURS).map(([id, pair]) => [modelToken(id), pair[mode]] as const),
];

/** The tokens as CSS: light, dark where the reader's system or the page's toggle (`data-theme`) asks for it, and light on paper. */
export function cssVariables(): string {
  const list = (pairs: readonly (readonly [string, string])[]): string => pairs.map(([name, value]) => `--${name}:${value}`).join(';');
  const sizes = [
    ['font', FONT] as const,
    ...Object.entries(TEXT_SIZES).map(([name, rem]) => [`text-${name}`, `${rem}rem`] as const),
    ...Object.entries(SPACES).map(([step, rem]) => [`space-${step}`, `${rem}rem`] as const),
  ];
  return [
    `:root{color-scheme:light;${list(sizes)};${list(tokens('light'))}}`,
    `@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${list(tokens('dark'))}}}`,
    `@media screen{:root[data-theme=dark]{color-scheme:dark;${list(tokens('dark'))}}}`,
  ].join('\n');
}

/** Replaces `var(--token)` by the colour it has in a mode, for SVG and specs that leave the page. */
export function resolveColours(text: string, mode: Mode): string {
  const values = new Map(tokens(mode));
  return text.replace(/var\(--([\w-]+)\)/g, (whole, name: string) => values.get(name) ?? whole);
}

/** The Vega-Lite config of every chart: quiet axes, no frame, horizontal grid lines, text in the face of the page. */
export function vegaConfig(mode: ColourMode = 'css'): JsonObject {
  const text = { labelFontSize: CHART_TEXT.label, titleFontSize: CHART_TEXT.title, labelColor: colour('muted', mode), titleColor: colour('muted', mode), titleFontWeight: 400 };
  return {
    aria: false,
    background: 'transparent',
    font: FONT,
    padding: 4,
    view: { stroke: null, continuousWidth: 640, continuousHeight: 340 },
    axis: { ...text, domain: false, gridColor: colour('grid', mode), tickColor: colour('rule', mode), labelPadding: 6, titlePadding: 10, tickSize: 4 },
    axisX: { grid: false, domain: true, domainColor: colour('rule', mode) },
    axisY: { ticks: false },
    legend: { ...text, orient: 'top', symbolStrokeWidth: 2, columnPadding: 16, rowPadding: 4, labelLimit: 0, offset: 12 },
    header: { labelFontSize: CHART_TEXT.title, labelColor: colour('text', mode), labelFontWeight: 600, titleColor: colour('muted', mode), titleFontSize: CHART_TEXT.title, titleFontWeight: 400 },
    title: { color: colour('text', mode), fontSize: 15, fontWeight: 600, anchor: 'start', frame: 'group', offset: 14 },
    line: { strokeWidth: 2, strokeCap: 'round', strokeJoin: 'round', color: colour('context', mode) },
    rule: { color: colour('muted', mode) },
    point: { size: 50, filled: true, opacity: 1, color: colour('context', mode) },
    bar: { color: colour('context', mode) },
    text: { fontSize: CHART_TEXT.annotation, color: colour('text', mode), fill: colour('text', mode) },
    range: { category: Object.keys(MODEL_COLOURS).map((id) => modelColour(id, mode)) },
  };
}
