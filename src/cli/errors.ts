import { InputError } from '../io/input-error.ts';
import { oneLine } from '../io/one-line.ts';

const PLACED = /^[^\s:]([^:]*[^\s:])?: ./;

/**
 * How an error ends the program: one line `tokenroof: <place>: <field> <value> <rule>`, and the exit code.
 * 2 for what the user gave: an `InputError`, or a `RangeError` of the library (which names a place; one of the engine does
 * not); 1 for everything else.
 */
export function verdict(error: unknown, command: string): { readonly line: string; readonly code: 1 | 2 } {
  const message = error instanceof Error ? error.message : String(error);
  const placed = PLACED.test(message);
  const code = error instanceof InputError || (error instanceof RangeError && placed) ? 2 : 1;
  const told = placed && !(error instanceof TypeError) ? message : `${command}: unexpected ${error instanceof Error ? `${error.name} ${message}` : message}`;
  return { line: `tokenroof: ${oneLine(told)}`, code };
}

/** Runs what the user cannot get wrong: a `RangeError` of it is a failure of the program, not a mistake of the user. */
export async function failing<T>(action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof RangeError ? new Error(error.message, { cause: error }) : error;
  }
}
