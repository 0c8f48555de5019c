import { describe, expect, it } from 'vitest';
import { told } from '../../../src/cli/disaggregate/told.ts';
import { InputError } from '../../../src/io/input-error.ts';

const throws = (error: unknown) => (): never => {
  throw error;
};

describe('told', () => {
  it('gives what it is given', () => expect(told(() => 7, 'prefill')).toBe(7));

  it.each([
    ['kv-capacity: tensorParallel 3 does not divide the 40 heads', 'prefill', 'prefill tp 3 does not divide the 40 heads'],
    ['kv-capacity: pipelineParallel 3 does not divide the 40 layers', 'decode', 'decode pp 3 does not divide the 40 layers'],
    ['deployment: dataParallel 3 is odd', 'colocated', 'colocated dp 3 is odd'],
    ['simdistserve: tensor parallel 8 of opt-13b was not profiled; known: 1, 2, 4', 'decode', 'decode tp 8 of opt-13b was not profiled; known: 1, 2, 4'],
    ['simdistserve: id tiny is unknown; nearest: opt-13b', 'prefill', 'prefill model tiny is unknown; nearest: opt-13b'],
    ['goodput: warm-up 9 is not a whole number from 0 to 8', undefined, 'warmup 9 is not a whole number from 0 to 8'],
    ['disaggregation: request 2 prompt 9000 is more', undefined, 'request 2 prompt 9000 is more'],
  ])('says %j of %s in the words of the options', (message, option, wanted) => {
    const error = new RangeError(message);
    expect(() => told(throws(error), option)).toThrow(new InputError(`disaggregate: ${wanted}`));
    expect(() => told(throws(error), option)).toThrow(expect.objectContaining({ cause: error }) as Error);
  });

  it('says a thing once where it is within itself', () =>
    expect(() => told(() => told(throws(new RangeError('kv-capacity: tensorParallel 3 is odd')), 'prefill'))).toThrow(new InputError('disaggregate: prefill tp 3 is odd')));

  it.each([new RangeError('Invalid array length'), new TypeError('grid: x is not a function'), new InputError('file: x is empty'), new Error('kv-capacity: broken')])(
    'leaves what is no refusal of the library as it is: %s',
    (error) => expect(() => told(throws(error), 'prefill')).toThrow(error),
  );
});
