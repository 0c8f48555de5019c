import { shareGptOutputs, shareGptPrompts } from './data/sharegpt.ts';

/** Lengths of so many requests as DistServe's ShareGPT runs have them; the list comes again where it ends. */
export const shareGptLengths = (count: number): { readonly prompt: Int32Array; readonly output: Int32Array } => {
  const taken = (from: readonly number[]): Int32Array => Int32Array.from({ length: count }, (_, at) => from[at % from.length] as number);
  return { prompt: taken(shareGptPrompts), output: taken(shareGptOutputs) };
};
