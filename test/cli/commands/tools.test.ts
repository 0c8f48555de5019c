import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { code, notebook, serialiseNotebook } from '../../../src/notebook/index.ts';
import { cli } from '../support.ts';

let folder = '';
beforeAll(async () => {
  await mkdir('out', { recursive: true });
  folder = await mkdtemp(join('out', 'cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

const write = async (name: string, ...cells: readonly string[]): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, serialiseNotebook(notebook(cells.map(code))));
  return file;
};

describe('notebook', () => {
  it('runs each, tells of each cell, writes what ran, and fails with one line when one fails', async () => {
    const good = await write('good.ipynb', 'const x = 1', 'console.log(x + 1)');
    const bad = await write('bad.ipynb', 'throw new Error("boom")');
    const out = join(folder, 'executed');
    const ran = await cli('notebook', bad, good, '--out', out, '--timeout', '60');
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/^\S*good\.ipynb: 2 cells, 1 outputs in \d+\.\d s\n$/);
    expect(ran.err).toMatch(/^tokenroof: bad\.ipynb: cell 1 fails: .*boom/);
    expect(ran.err).toMatch(/^good\.ipynb: cell 2 in [\d.]+ s$/m);
    expect(ran.err).toMatch(/^tokenroof: notebook: failed 1 of 2 did not run to their end\n/m);
    expect(await readFile(join(out, 'good.ipynb'), 'utf8')).toContain('"2\\n"');
    expect(existsSync(join(out, 'bad.ipynb'))).toBe(false);
  });
  it('refuses what is no notebook', async () => {
    const file = join(folder, 'broken.ipynb');
    await writeFile(file, '{"cells": ');
    expect(await cli('notebook', file)).toMatchObject({ code: 2, err: expect.stringMatching(/^tokenroof: notebook: file \S+ [^\n]+\n$/) });
  });
});

describe('kernel install', () => {
  it('shows, writes, and then finds it unchanged', async () => {
    const prefix = await mkdtemp(join(tmpdir(), 'tokenroof-'));
    const file = join(prefix, 'share', 'jupyter', 'kernels', 'tslab', 'kernel.json');
    const dry = await cli('kernel', 'install', '--prefix', prefix, '--dry-run');
    expect(dry).toMatchObject({ code: 0, out: expect.stringMatching(/kernel\.json: dry run\n\{[\s\S]*"argv"[\s\S]*open with: jupyter lab/) });
    expect(existsSync(file)).toBe(false);
    expect((await cli('kernel', 'install', '--prefix', prefix)).out).toContain(`${file}: written\n`);
    expect((await cli('kernel', 'install', '--prefix', prefix)).out).toContain(`${file}: unchanged\n`);
    await writeFile(file, '{}');
    expect(await cli('kernel', 'install', '--prefix', prefix)).toMatchObject({ code: 2, out: '' });
    expect((await cli('kernel', 'install', '--prefix', prefix, '--force')).out).toContain('written');
    await rm(prefix, { recursive: true });
  });
  it('refuses a folder that cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(await cli('kernel', 'install', '--prefix', join(folder, 'file'))).toMatchObject({ code: 2, err: expect.stringMatching(/^tokenroof: kernel: [^\n]+\n$/) });
  });
});
