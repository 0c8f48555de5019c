import { describe, expect, it } from 'vitest';
import { COLOURS, chipStyle, colour, cssVariables, MODEL_COLOURS, type Mode, modelColour, modelColours, modelScale, resolveColours, vegaConfig } from '../../src/chart/theme.ts';

type Triple = readonly [number, number, number];
const MODES: readonly Mode[] = ['light', 'dark'];
const IDS = Object.keys(MODEL_COLOURS);

const linear = (hex: string): Triple =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as unknown as Triple;
const luminance = ([r, g, b]: Triple): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** WCAG 2.2 contrast ratio. */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

// Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
const VISIONS: Readonly<Record<string, readonly Triple[]>> = {
  'full colour vision': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
};

/** Oklab (Ottosson 2020) of a colour as a kind of vision sees it. */
function seen(hex: string, vision: readonly Triple[]): Triple {
  const rgb = linear(hex);
  const [r, g, b] = vision.map((row) => Math.min(1, Math.max(0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2]))) as unknown as Triple;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}

const distance = (a: Triple, b: Triple): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe('theme', () => {
  for (const mode of MODES) {
    it(`gives every model at least 3:1 against the page, ${mode}`, () => {
      for (const id of IDS) expect(contrast(modelColour(id, mode), COLOURS.page[mode]), id).toBeGreaterThanOrEqual(3);
    });

    it(`gives text at least 4.5:1 on the page and on surfaces, ${mode}`, () => {
      for (const token of ['text', 'muted', 'link'] as const)
        for (const ground of ['page', 'surface'] as const) expect(contrast(COLOURS[token][mode], COLOURS[ground][mode]), `${token} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      expect(contrast(COLOURS.accent[mode], COLOURS.page[mode])).toBeGreaterThanOrEqual(4.5);
    });

    for (const [name, vision] of Object.entries(VISIONS)) {
      it(`keeps any two models apart with ${name}, ${mode}`, () => {
        for (const [index, a] of IDS.entries())
          for (const b of IDS.slice(index + 1)) expect(distance(seen(modelColour(a, mode), vision), seen(modelColour(b, mode), vision)), `${a} and ${b}`).toBeGreaterThan(0.065);
      });
    }
  }

  it('draws any other model in grey', () => {
    expect(modelColour('my-model', 'light')).toBe(COLOURS.context.light);
    expect(modelColour('constructor')).toBe('var(--context)');
    expect(modelScale(['step-3', 'mine'], ['Step-3', 'Mine'])).toEqual({ domain: ['Step-3', 'Mine'], range: ['var(--model-step-3)', 'var(--context)'] });
  });

  it('gives models outside of the set the colours that no model of the chart has', () => {
    const colours = modelColours(['step-3', 'design-a', 'design-b', 'design-a']);
    expect(colours('step-3')).toBe(modelColour('step-3'));
    expect(new Set([colours('step-3'), colours('design-a'), colours('design-b')]).size).toBe(3);
    expect(colours('design-a')).not.toBe(modelColour('design-a'));
    const many = modelColours(Array.from({ length: 12 }, (_, index) => `design-${index}`));
    expect(many('design-11')).toBe('var(--context)');
  });

  it('tells ten chips apart by dash and by marker, and draws a variant as its chip', () => {
    const chips = ['h800', 'h20', 'a800', 'ascend-910b', 'l20', 'l4', 'a10', 'a100-80g', 'h100', 'h200'];
    expect(new Set(chips.map((id) => JSON.stringify(chipStyle(id).dash))).size).toBe(chips.length);
    expect(new Set(chips.map((id) => chipStyle(id).marker)).size).toBe(chips.length);
    expect(chipStyle('a800:datasheet')).toEqual(chipStyle('a800'));
  });

  it('defines in CSS every token that a chart names, in both modes', () => {
    const css = cssVariables();
    const named = [...JSON.stringify(vegaConfig('css')).matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name as string);
    expect(named).not.toHaveLength(0);
    for (const name of new Set([...named, ...IDS.map((id) => modelColour(id).slice(4, -1))])) expect(css.split(`${name}:`), name).toHaveLength(4);
  });

  it('resolves tokens to the colours of a mode and leaves others alone', () => {
    expect(resolveColours(`fill="${modelColour('ernie-4.5-300b-a47b')}" stroke="${colour('rule')}"`, 'dark')).toBe(`fill="${MODEL_COLOURS['ernie-4.5-300b-a47b'].dark}" stroke="${COLOURS.rule.dark}"`);
    expect(resolveColours('var(--unknown)', 'light')).toBe('var(--unknown)');
  });
});
