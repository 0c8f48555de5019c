import { InputError } from '../../io/input-error.ts';

const PLACED = /^[a-z-]+: (?=.)/;
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/tensor ?parallel/gi, 'tp'],
  [/pipeline ?parallel/gi, 'pp'],
  [/data ?parallel/gi, 'dp'],
  [/warm-up/g, 'warmup'],
  [/^id /, 'model '],
];

/** What the library refuses, in the words of the options. @param option whose value it is about, where one is */
export function told<T>(action: () => T, option?: string): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof RangeError && PLACED.test(error.message))) throw error;
    const said = WORDS.reduce((text, [of, word]) => text.replace(of, word), error.message.replace(PLACED, ''));
    throw new InputError(`disaggregate: ${option === undefined ? '' : `${option} `}${said}`, { cause: error });
  }
}
