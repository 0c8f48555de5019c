import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';

const PROGRAM = resolve('dist/cli.js');
const run = (...argv: readonly string[]) => spawnSync(process.execPath, [PROGRAM, ...argv], { encoding: 'utf8' });
const shell = (script: string) => spawnSync('bash', ['-c', script], { encoding: 'utf8', env: { ...process.env, PROGRAM } });

/** Every file that is loaded before the program does anything, or together with one of its chunks. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?["'](\.[^"']+)["'];/gm)) loadedWith(resolve(dirname(file), path as string), seen);
  return seen;
}

describe.skipIf(!existsSync(PROGRAM))('the built program (skipped before the first build)', () => {
  it('is executable as it is, and through the link that npm makes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokenroof-'));
    const link = join(folder, 'tokenroof');
    symlinkSync(PROGRAM, link);
    expect(spawnSync(link, ['--version'], { encoding: 'utf8', cwd: folder })).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
    rmSync(folder, { recursive: true });
  });

  it('answers cost as JSON on stdout alone', () => {
    const { status, stdout, stderr } = run('cost', '--models', 'step-3', '--accelerators', 'h20', '--contexts', '8192', '--format', 'json');
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject([{ model: 'step-3', accelerator: 'h20', context: 8192 }]);
  });

  it.each(Object.keys(commands))('%s --help', (name) => expect(run(name, '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining(`$ tokenroof ${name}`), stderr: '' }));

  it.each([
    ['a mistake', ['cost', '--models', 'step-4']],
    ['a missing file', ['cost', '--override', 'missing.json']],
    ['an unknown command', ['modls']],
  ])('ends with 2 and one line on stderr for %s', (_, argv) => expect(run(...argv)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/^tokenroof: [^\n]+\n$/) }));

  it('is quiet when its reader leaves, and ends with 1 when its output cannot be written', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
    expect(shell('node "$PROGRAM" cost --models all --accelerators all --contexts 1..1M --format json | head -c 10; echo " ${PIPESTATUS[0]}"')).toMatchObject({
      stdout: '[\n  {\n     0\n',
      stderr: '',
    });
    if (existsSync('/dev/full')) expect(shell('node "$PROGRAM" cost > /dev/full')).toMatchObject({ status: 1, stderr: 'tokenroof: output: stdout ENOSPC cannot be written\n' });
  });

  it('loads nothing heavy to answer cost', () => {
    const cli = readFileSync(PROGRAM, 'utf8');
    const chunk = cli.match(/import\("(\.\/chunks\/cost-[^"]+)"\)/)?.[1];
    const loaded = loadedWith(resolve(dirname(PROGRAM), chunk ?? ''), new Set(loadedWith(PROGRAM)));
    const bytes = [...loaded].reduce((sum, file) => sum + statSync(file).size, 0);
    expect(loaded.size).toBeGreaterThan(3);
    expect(bytes).toBeLessThan(600_000);
    for (const file of loaded) expect(readFileSync(file, 'utf8')).not.toMatch(/node_modules\/(arquero|vega|zod|handlebars|tslab|@uwdata)/);
  });
});
