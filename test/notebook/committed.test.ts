import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/io/package-root.ts';
import { cleanNotebook, parseNotebook, serialiseNotebook } from '../../src/notebook/notebook-file.ts';
import { runNotebook } from '../../src/notebook/runner.ts';

const folder = join(packageRoot(), 'notebooks');
const names = (await readdir(folder)).filter((name) => name.endsWith('.ipynb'));

describe('notebooks', { timeout: 120_000 }, () => {
  it('are numbered in reading order', () => {
    expect(names.map((name) => name.slice(0, 3))).toEqual(names.map((_, index) => `${String(index + 1).padStart(2, '0')}-`));
  });

  it.each(names)('%s is committed clean', async (name) => {
    const text = await readFile(join(folder, name), 'utf8');
    expect(serialiseNotebook(cleanNotebook(parseNotebook(text, name)))).toBe(text);
    expect(text).not.toMatch(/\/(home|root|tmp|Users)\//);
  });

  it.each(names)('%s runs without a word on stderr', async (name) => {
    const { outputs } = await runNotebook(join(folder, name));
    expect(outputs.filter((output) => output.output_type === 'stream' && output.name === 'stderr')).toEqual([]);
  });
});
