import type { Io } from '../io.ts';

/** Work that is done sooner says nothing. */
const QUIET_MS = 2000;

/** Says on stderr what long work is at, `<place>: <what>, 3 of 9`: once it has taken two seconds, and then at each step. */
export function progress(io: Io, place: string, steps: number, now: () => number = () => performance.now()): (what: string) => void {
  const started = now();
  let at = 0;
  return (what) => {
    at += 1;
    if (now() - started >= QUIET_MS) io.err(`${place}: ${what}, ${at} of ${steps}\n`);
  };
}
