import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/io/package-root.ts';
import { installKernel, type KernelInstallOptions } from '../../src/notebook/kernel-install.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'jupyter-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const from = packageRoot();
const user = (options: Partial<KernelInstallOptions> = {}) => installKernel({ place: { kind: 'user' }, from, environment: { JUPYTER_DATA_DIR: home }, ...options });

describe('installKernel', () => {
  it('writes one kernel.json that starts an installed tslab', async () => {
    const { file, outcome, open } = await user();
    expect({ file, outcome, open }).toEqual({ file: join(home, 'kernels', 'tslab', 'kernel.json'), outcome: 'written', open: 'jupyter lab notebooks' });
    expect(await readdir(dirname(file))).toEqual(['kernel.json']);
    const { argv, display_name: name, language } = JSON.parse(await readFile(file, 'utf8'));
    expect({ name, language }).toEqual({ name: 'TypeScript (Tokenroof)', language: 'typescript' });
    expect(argv.slice(-3)).toEqual(['kernel', '--config-path', '{connection_file}']);
    expect(existsSync(argv[0]) && existsSync(argv[2])).toBe(true);
  });

  it('finds the folder of the user and of a prefix as Jupyter does', async () => {
    expect((await user({ place: { kind: 'prefix', folder: home }, dryRun: true })).file).toBe(join(home, 'share', 'jupyter', 'kernels', 'tslab', 'kernel.json'));
    if (process.platform === 'linux') {
      expect((await user({ environment: { HOME: home }, dryRun: true })).file).toBe(join(home, '.local', 'share', 'jupyter', 'kernels', 'tslab', 'kernel.json'));
      expect((await user({ environment: { HOME: home, XDG_DATA_HOME: join(home, 'x') }, dryRun: true })).file).toBe(join(home, 'x', 'jupyter', 'kernels', 'tslab', 'kernel.json'));
    }
  });

  it('writes nothing in a dry run, and nothing twice', async () => {
    expect((await user({ dryRun: true })).outcome).toBe('dry run');
    expect(await readdir(home)).toEqual([]);
    await user();
    expect((await user()).outcome).toBe('unchanged');
  });

  it('gives the committed kernel of this project', async () => {
    const { outcome, open } = await installKernel({ place: { kind: 'project', folder: from }, dryRun: true });
    expect(outcome).toBe('unchanged');
    expect(open).toMatch(/^JUPYTER_PATH=.*jupyter jupyter lab notebooks$/);
  });

  it('replaces its own kernel, but not a stranger without force', async () => {
    const file = join(home, 'kernels', 'tslab', 'kernel.json');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '{"argv": ["tslab"], "display_name": "TypeScript (Tokenroof)"}');
    expect((await user()).outcome).toBe('written');
    await writeFile(file, '{"argv": ["other"]}');
    await expect(user()).rejects.toThrow(/^kernel: file .*kernel\.json is of another kernel/);
    expect(await readFile(file, 'utf8')).toBe('{"argv": ["other"]}');
    expect((await user({ name: 'tokenroof' })).outcome).toBe('written');
    expect((await user({ force: true })).outcome).toBe('written');
  });

  it('refuses a folder that cannot be written and a name that leaves it', async () => {
    await writeFile(join(home, 'kernels'), '');
    await expect(user()).rejects.toThrow(/^kernel: file .*kernel\.json lies below something that is not a folder$/);
    await expect(user({ name: '../x' })).rejects.toThrow(/^kernel: name \.\.\/x is not letters/);
  });
});
