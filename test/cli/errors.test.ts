import { describe, expect, it } from 'vitest';
import { failing, verdict } from '../../src/cli/errors.ts';
import { InputError } from '../../src/io/index.ts';

describe('verdict', () => {
  it.each<[unknown, string, number]>([
    [new InputError('override: file x does not exist'), 'tokenroof: override: file x does not exist', 2],
    [new RangeError('model step-3: hidden 0 is not a positive integer'), 'tokenroof: model step-3: hidden 0 is not a positive integer', 2],
    [new RangeError('Maximum call stack size exceeded'), 'tokenroof: cost: unexpected RangeError Maximum call stack size exceeded', 1],
    [new TypeError('x: y is not a function'), 'tokenroof: cost: unexpected TypeError x: y is not a function', 1],
    [new Error('01.ipynb: cell 3 fails: boom'), 'tokenroof: 01.ipynb: cell 3 fails: boom', 1],
    [new Error('boom'), 'tokenroof: cost: unexpected Error boom', 1],
    ['boom', 'tokenroof: cost: unexpected boom', 1],
  ])('%s', (error, line, code) => expect(verdict(error, 'cost')).toEqual({ line, code }));
});

it('failing makes a RangeError a failure and leaves an InputError a mistake', async () => {
  const codeOf = (error: Error) => failing(() => Promise.reject(error)).catch((caught: unknown) => verdict(caught, 'report').code);
  expect(await codeOf(new RangeError('report: claim "x" is false'))).toBe(1);
  expect(await codeOf(new InputError('report: file out is not allowed to this user'))).toBe(2);
  expect(await failing(() => 7)).toBe(7);
});
