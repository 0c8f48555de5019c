import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../src/io/input-error.ts';
import { writeAtomic, writeJson } from '../../src/io/write.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('writeAtomic', () => {
  it('makes the folders and leaves only the file', async () => {
    await writeAtomic(join(folder, 'a', 'b', 'c.txt'), 'text');
    expect(await readFile(join(folder, 'a', 'b', 'c.txt'), 'utf8')).toBe('text');
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['c.txt']);
  });

  it('replaces a file', async () => {
    const file = join(folder, 'a.txt');
    await writeAtomic(file, 'old');
    await writeAtomic(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
  });

  it('keeps the last of many writers whole', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
    await Promise.all(texts.map((text) => writeAtomic(join(folder, 'a.txt'), text)));
    expect(texts).toContain(await readFile(join(folder, 'a.txt'), 'utf8'));
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('leaves nothing behind when the name is a folder', async () => {
    await writeAtomic(join(folder, 'taken', 'x'), '');
    await expect(writeAtomic(join(folder, 'taken'), 'text')).rejects.toThrow(/^write: file .*taken is a folder$/);
    expect(await readdir(folder)).toEqual(['taken']);
  });

  it('refuses a folder below a file, and one that cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(writeAtomic(join(folder, 'file', 'x'), '')).rejects.toThrow(/^write: file .*x lies below something that is not a folder$/);
    if (process.platform === 'linux') await expect(writeAtomic('/proc/none/x', '')).rejects.toThrow(InputError);
  });
});

describe('writeJson', () => {
  it('ends with a line end', async () => {
    await writeJson(join(folder, 'a.json'), { b: 1, a: [2] });
    expect(await readFile(join(folder, 'a.json'), 'utf8')).toBe('{\n  "b": 1,\n  "a": [\n    2\n  ]\n}\n');
  });
});
