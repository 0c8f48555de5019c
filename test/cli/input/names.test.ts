import { describe, expect, it } from 'vitest';
import { choice, distinct, names } from '../../../src/cli/input/names.ts';

describe('names', () => {
  const of = names('cost', 'models');
  it('splits at commas, trims, and adds to what was given before', () => expect(of(' a, b', ['x'])).toEqual(['x', 'a', 'b']));
  it.each(['', '  '])('refuses %j', (text) => expect(() => of(text)).toThrow('cost: models [] is empty'));
  it.each([',', 'a,', 'a,,b'])('refuses %j', (text) => expect(() => of(text)).toThrow(`cost: models ${text} has an empty place between commas`));
});

it('choice lists the nearest', () => {
  expect(choice('cost', 'phase', ['decode', 'prefill'])('decode')).toBe('decode');
  expect(() => choice('cost', 'phase', ['decode', 'prefill'])('decod')).toThrow('cost: phase decod is unknown; nearest: decode, prefill');
});

it('distinct refuses the first repetition', () => expect(() => distinct('cost', 'models', ['a', 'b', 'b', 'a'])).toThrow('cost: models b is given twice'));
