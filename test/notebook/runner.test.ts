import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { code, markdown, notebook, writeNotebook } from '../../src/notebook/notebook-file.ts';
import { type NotebookFailure, runNotebook } from '../../src/notebook/runner.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notebooks-'));
  vi.stubEnv('TMPDIR', folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  return rm(folder, { recursive: true, force: true });
});

/** A notebook of these cells, with a heading above them, as a file. */
async function save(name: string, ...sources: readonly string[]): Promise<string> {
  const path = join(folder, `${name}.ipynb`);
  await writeNotebook(path, notebook([markdown('# Title'), ...sources.map(code)]));
  return path;
}
const failureOf = (run: Promise<unknown>): Promise<NotebookFailure> =>
  run.then(
    () => Promise.reject(new Error('it ran')),
    (error: NotebookFailure) => error,
  );

describe('runNotebook', { timeout: 60_000 }, () => {
  it('runs cells in order in one kernel, in the folder of the notebook, and collects their outputs', async () => {
    const path = await save(
      'good',
      "import { basename } from 'node:path';\nconst where: string = basename(process.cwd());",
      "console.log('one'); console.error('two');\nawait Promise.resolve();",
      "import { display } from 'tslab';\ndisplay.html('<b>three</b>');\nwhere.length;",
    );
    const seen: number[] = [];
    const { cells, outputs, seconds, notebook: executed } = await runNotebook(path, { onCell: ({ number }) => seen.push(number) });
    expect(seen).toEqual([1, 2, 3]);
    expect(cells.map((cell) => cell.outputs.length)).toEqual([0, 2, 2]);
    expect(outputs).toEqual([
      { output_type: 'stream', name: 'stdout', text: 'one\n' },
      { output_type: 'stream', name: 'stderr', text: 'two\n' },
      { output_type: 'display_data', data: { 'text/html': '<b>three</b>' }, metadata: {} },
      { output_type: 'stream', name: 'stdout', text: `${folder.split('/').at(-1)?.length}\n` },
    ]);
    expect(seconds).toBeGreaterThan(0);
    expect(executed.cells.map((cell) => (cell.cell_type === 'code' ? cell.execution_count : null))).toEqual([null, 1, 2, 3]);
  });

  it('names notebook, cell and reason in one line when a cell throws, and runs nothing after it', async () => {
    const failure = await failureOf(runNotebook(await save('throws', '1;', "throw new RangeError('gqa: queryHeads 40 is wrong');", "console.log('after');")));
    expect(failure.message).toBe('throws.ipynb: cell 2 fails: RangeError: gqa: queryHeads 40 is wrong');
    expect(failure.run.cells.map(({ number }) => number)).toEqual([1, 2]);
  });

  it('fails on a type error', async () => {
    const failure = await failureOf(runNotebook(await save('types', "const bytes: number = 'many';")));
    expect(failure.message).toBe("types.ipynb: cell 1 fails: 1:7 - Type 'string' is not assignable to type 'number'.");
  });

  it('fails on a promise that nobody awaits', async () => {
    const failure = await failureOf(runNotebook(await save('dropped', "setTimeout(() => { Promise.reject(new Error('dropped chart')); }, 20);\nvoid 0;")));
    expect(failure.message).toBe('dropped.ipynb: cell 1 leaves a failure that nothing awaits: Error: dropped chart');
  });

  it('notices a kernel that dies', async () => {
    const failure = await failureOf(runNotebook(await save('dies', '1;', 'process.exit(3);')));
    expect(failure.message).toBe('dies.ipynb: cell 2 fails: kernel: process ended with exit code 3');
  });

  it('ends a cell that does not, and leaves no process or socket behind', async () => {
    const failure = await failureOf(runNotebook(await save('endless', 'console.log(process.pid);', 'while (true) {}'), { timeoutSeconds: 2 }));
    expect(failure.message).toBe('endless.ipynb: cell 2 fails: kernel: cell does not end in 2 s');
    const output = failure.run.outputs[0];
    const pid = output?.output_type === 'stream' ? Number(output.text) : Number.NaN;
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    expect((await readdir(folder)).filter((name) => !name.endsWith('.ipynb'))).toEqual([]);
  });

  it('refuses a file that is missing or no notebook', async () => {
    await expect(runNotebook(join(folder, 'none.ipynb'))).rejects.toThrow(/^notebook: file .*none\.ipynb does not exist$/);
    await writeFile(join(folder, 'text.ipynb'), '# Title');
    await expect(runNotebook(join(folder, 'text.ipynb'))).rejects.toThrow(/^notebook: file .*text\.ipynb is not JSON/);
  });
});
