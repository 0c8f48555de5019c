import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/io/input-error.ts';
import { packageRoot } from '../../src/io/package-root.ts';
import { parseJson, readJson, readText } from '../../src/io/read.ts';

let folder: string;
const put = async (name: string, data: string | Uint8Array): Promise<string> => {
  await writeFile(join(folder, name), data);
  return join(folder, name);
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('readText', () => {
  it('drops a byte order mark', async () => {
    expect(await readText(await put('bom', '\uFEFFa\u00B7b'))).toBe('a\u00B7b');
  });

  it('refuses a missing file, a folder and bytes that are not UTF-8', async () => {
    await expect(readText(join(folder, 'none'), 'config')).rejects.toThrow(/^config: file .*none does not exist$/);
    await expect(readText(folder)).rejects.toThrow(/^read: file .* is a folder$/);
    await expect(readText(await put('latin', Uint8Array.of(0xe9, 0x20)))).rejects.toThrow(/^read: file .*latin is not UTF-8 text$/);
    await expect(readText(join(folder, 'none'))).rejects.toBeInstanceOf(InputError);
  });
});

describe('readJson', () => {
  it('gives the value', async () => {
    expect(await readJson(await put('good', '{"a": [1, null]}'))).toEqual({ a: [1, null] });
  });

  it('refuses broken and empty JSON in one line', async () => {
    await expect(readJson(await put('broken', '{\n "a": ,\n}'))).rejects.toThrow(/^read: file .*broken is not JSON \(.+\)$/);
    await expect(readJson(await put('empty', ' \n'))).rejects.toThrow(/^read: file .*empty is empty, JSON is expected$/);
    expect(() => parseJson('{"a": 1', 'standard input', 'override')).toThrow(/^override: file standard input is not JSON [^\n]+$/);
  });
});

describe('packageRoot', () => {
  it('is the folder of our package.json', async () => {
    expect(await readJson(join(packageRoot(), 'package.json'))).toMatchObject({ name: 'tokenroof' });
  });
});
