import { describe, expect, it } from 'vitest';
import { progress } from '../../../src/cli/output/progress.ts';

/** Progress of `steps` steps, each of which begins at a time in milliseconds. */
function said(steps: number, times: readonly number[], started = 0): readonly string[] {
  const lines: string[] = [];
  let time = started;
  const step = progress({ out: () => expect.unreachable(), err: (text) => lines.push(text) }, 'afd', steps, () => time);
  times.forEach((at, index) => {
    time = at;
    step(`model-${index + 1} at 8K`);
  });
  return lines;
}

describe('progress', () => {
  it('says nothing of work that is done within two seconds', () => {
    expect(said(3, [0, 1000, 1999.9])).toEqual([]);
    expect(said(0, [])).toEqual([]);
  });

  it('says from the second second on what each step is at, and counts those that were silent', () =>
    expect(said(4, [0, 1999, 2000, 9000])).toEqual(['afd: model-3 at 8K, 3 of 4\n', 'afd: model-4 at 8K, 4 of 4\n']));

  it('counts time from when it was made, not from the clock of the machine or the first step', () => {
    expect(said(2, [7_001_000, 7_001_999], 7_000_000)).toEqual([]);
    expect(said(2, [7_002_000, 7_002_001], 7_000_000)).toEqual(['afd: model-1 at 8K, 1 of 2\n', 'afd: model-2 at 8K, 2 of 2\n']);
  });

  it('keeps one count for each work', () => {
    const lines: string[] = [];
    const io = { out: () => undefined, err: (text: string) => lines.push(text) };
    let time = 0;
    const [first, second] = [progress(io, 'afd', 2, () => time), progress(io, 'cost', 5, () => time)];
    time = 2000;
    first('a');
    second('b');
    first('c');
    expect(lines).toEqual(['afd: a, 1 of 2\n', 'cost: b, 1 of 5\n', 'afd: c, 2 of 2\n']);
  });

  it('has a clock of its own unless it is given one', () => {
    const lines: string[] = [];
    progress({ out: () => expect.unreachable(), err: (text) => lines.push(text) }, 'afd', 1)('at once');
    expect(lines).toEqual([]);
  });
});
