import { InputError } from '../../io/input-error.ts';

const PLACED = /^[a-z-]+: (?=.)/;
/** What the library says, and how a command says it. */
export type Words = readonly (readonly [RegExp, string])[];
const WORDS: Words = [
  [/tensor ?parallel/gi, 'tp'],
  [/pipeline ?parallel/gi, 'pp'],
  [/data ?parallel/gi, 'dp'],
  [/warm-up/g, 'warmup'],
  [/framesPerSecond/g, 'fps'],
  [/^id /, 'model '],
];

/** Says what the library refuses in the words of the options of a command. */
export type Told = <T>(action: () => T, /** whose value it is about, where one is */ option?: string) => T;

export const toldBy =
  (place: string, /** of this command alone */ words: Words = []): Told =>
  (action, option) => {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof RangeError && PLACED.test(error.message))) throw error;
      const said = [...words, ...WORDS].reduce((text, [of, word]) => text.replace(of, word), error.message.replace(PLACED, ''));
      throw new InputError(`${place}: ${option === undefined ? '' : `${option} `}${said}`, { cause: error });
    }
  };
