import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/io/package-root.ts';
import { readJson, readText } from '../../src/io/read.ts';
import { parseNotebook } from '../../src/notebook/notebook-file.ts';
import { examples } from '../models/huggingface/configs.ts';
import { runChild } from '../support/child.ts';

const OFFLINE = /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH/;
const root = packageRoot();
const config = JSON.stringify(examples['Qwen3-32B']);
let folder: string;
let files: readonly string[];
let offline = '';

/** Runs a program in the user's folder and gives what it printed. */
async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runChild(command, args, { cwd: folder, timeoutSeconds: 120, env: { NODE_OPTIONS: undefined, NODE_PATH: undefined } });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}
const program = (): string => join(folder, 'node_modules', '.bin', 'tokenroof');
async function runScript(name: string, source: string): Promise<string> {
  await writeFile(join(folder, name), source);
  return run(process.execPath, name);
}

/** What a user does: an empty folder, the packed package and the notebook kernel from the registry. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'user-'));
  const packed = await runChild('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root, timeoutSeconds: 60 });
  const [{ filename, files: entries }] = JSON.parse(packed.stdout);
  files = entries.map(({ path }: { path: string }) => path);
  const { devDependencies } = (await readJson(join(root, 'package.json'))) as { devDependencies: Record<string, string> };
  await writeFile(join(folder, 'package.json'), '{"private": true}');
  const wanted = [`./${filename}`, `tslab@${devDependencies.tslab}`];
  const installed = await runChild('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...wanted], { cwd: folder, timeoutSeconds: 240 });
  if (installed.status !== 0 && OFFLINE.test(installed.stderr)) offline = 'the npm registry cannot be reached';
  else expect(installed.stderr + installed.status).toMatch(/0$/);
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  it('holds what a user needs and nothing else', () => {
    for (const file of [
      'package.json',
      'LICENSE',
      'dist/index.js',
      'dist/index.cjs',
      'dist/index.d.ts',
      'dist/index.d.cts',
      'dist/cli.js',
      'dist/LICENSES.txt',
      'dist/report-runtime.js',
      'dist/vendor/vega.js',
      'templates/page.html',
    ])
      expect(files).toContain(file);
    expect(files.some((file) => /^notebooks\/01-.*\.ipynb$/.test(file))).toBe(true);
    expect(files.filter((file) => !/^(dist|templates|notebooks|reports)\/|^docs\/[^/]+\.svg$|^(package\.json|LICENSE|[A-Z]+\.md|CITATION\.cff)$/.test(file))).toEqual([]);
    expect(files.filter((file) => /^reports\/(?!.*numbers\.json$)|^notebooks\/(?!.*\.ipynb$)/.test(file))).toEqual([]);
  });

  it('holds every file that the README links', async () => {
    const links = [...(await readText(join(root, 'README.md'))).matchAll(/\]\((?![a-z]+:|#)([^)#]+)/g)].map(([, path]) => path);
    expect(links).toContain('CHANGELOG.md');
    expect(links.filter((path) => !files.includes(path as string))).toEqual([]);
  });

  it('is strict when it is required', async () => expect(await readText(join(root, 'dist/index.cjs'))).toMatch(/^"use strict";\n/));

  it('names no folder of the machine that built it', async () => {
    for (const file of files.filter((each) => each.startsWith('dist/'))) expect(await readFile(join(root, file), 'utf8'), file).not.toContain(root);
  });

  it('loads nothing heavy on a plain import', async () => {
    const source = await readFile(join(root, 'dist/index.js'), 'utf8');
    const imported = [...source.matchAll(/^(?:import|export)[^;]*? from "([^"]+)"/gm)].flatMap(([, from]) => from ?? []);
    expect(
      [...new Set(imported)].filter(
        (from) => !from.startsWith('node:') && !['arquero', '@uwdata/flechette'].includes(from) && !/^(crypto|fs|fs\/promises|os|path|url|module|events|timers\/promises|child_process)$/.test(from),
      ),
    ).toEqual([]);
  });
});

describe('installed in an empty folder', { timeout: 120_000 }, () => {
  beforeEach((context) => context.skip(offline !== '', offline));

  it('is imported and required, with the same names', async () => {
    const print = "console.log(JSON.stringify(Object.keys(tokenroof).filter((name) => name !== 'default' && name !== 'module.exports').sort()));";
    const imported = await runScript('a.mjs', `import * as tokenroof from 'tokenroof'; ${print}`);
    expect(JSON.parse(imported)).toContain('show');
    expect(await runScript('a.cjs', `const tokenroof = require('tokenroof'); ${print}`)).toBe(imported);
  });

  it.each([
    ['a.mjs', "import * as tokenroof from 'tokenroof';"],
    ['a.cjs', "const tokenroof = require('tokenroof');"],
  ])('draws a chart from %s', async (name, load) => {
    const chart = "{ id: 'a', title: 'Rise', description: 'It rises', data: [{ x: 1 }], spec: { data: { name: 'rows' }, mark: 'bar', encoding: { x: { field: 'x', type: 'quantitative' } } } }";
    expect(await runScript(name, `${load} tokenroof.show(${chart});`)).toBe('Rise\nIt rises\n');
  });

  it('shares one Arquero with the user', async () => {
    const source = `
      import * as aq from 'arquero';
      import { accelerator, costTable, exactCounting, modelOf, show } from 'tokenroof';
      const ours = costTable([modelOf('step-3')], [accelerator('h20').accelerator], { contexts: [8192], counting: exactCounting });
      console.log(ours instanceof aq.ColumnTable, ours.join(aq.table({ model: ['step-3'], maker: ['a'] })).get('maker', 0));
      await show(aq.table({ n: [1, 2] }));`;
    expect(await runScript('b.mjs', source)).toBe('true a\nn\n1\n2\n');
  });

  it('has a program that starts', async () => {
    const { version } = (await readJson(join(root, 'package.json'))) as { version: string };
    expect(await run(program(), '--version')).toBe(`${version}\n`);
  });

  it('runs the library example of the README', async () => {
    const [, example] = /## As a library\n\n```ts\n([\s\S]*?)```/.exec(await readText(join(root, 'README.md'))) as RegExpExecArray;
    await writeFile(join(folder, 'config.json'), config);
    const out = await runScript('example.mjs', example as string);
    expect(out).toMatch(/^\{[^}]*all: [1-9]\d*,[^}]*\} [1-9]\d*\n\[/);
  });

  it("runs the README's commands on a config", async () => {
    const commands = [...(await readText(join(root, 'README.md'))).matchAll(/^npx tokenroof (.*--config .*)$/gm)].map(([, args]) => (args as string).split(' '));
    expect(commands.length).toBeGreaterThan(2);
    await mkdir(join(folder, 'Qwen3-32B'), { recursive: true });
    await writeFile(join(folder, 'Qwen3-32B', 'config.json'), config);
    for (const args of commands) expect(await run(program(), ...args)).not.toBe('');
  });

  it.each([
    ['the notebook kernel', 'user.mts', '@tslab/typescript-for-tslab', '{ "module": "commonjs", "moduleResolution": "node" }'],
    ['a Node project', 'user.mts', join(root, 'node_modules', 'typescript'), '{ "module": "nodenext", "moduleResolution": "nodenext" }'],
    ['a CommonJS project', 'user.cts', join(root, 'node_modules', 'typescript'), '{ "module": "node16", "moduleResolution": "node16" }'],
    ['a CommonJS project of today', 'user.cts', join(root, 'node_modules', 'typescript'), '{ "module": "nodenext", "moduleResolution": "nodenext" }'],
    ['a bundled project', 'user.mts', join(root, 'node_modules', 'typescript'), '{ "module": "esnext", "moduleResolution": "bundler" }'],
  ])('has types that the TypeScript of %s accepts', async (_who, user, typescript, settings) => {
    await writeFile(
      join(folder, user),
      "import * as tokenroof from 'tokenroof';\nconst wrong: string = tokenroof.show;\nconst rows: string = tokenroof.curveTable({} as tokenroof.CurveQuery).numRows();\n",
    );
    const script = `
      const ts = require(${JSON.stringify(typescript)});
      const { options } = ts.convertCompilerOptionsFromJson({ ...${settings}, strict: true, noEmit: true, target: 'es2022', lib: ['es2022'], types: [] }, '.');
      const program = ts.createProgram([${JSON.stringify(user)}], options);
      for (const { file, messageText } of ts.getPreEmitDiagnostics(program)) {
        const at = file?.fileName ?? '';
        if (!/node_modules.(?!tokenroof)/.test(at)) console.log(at.split(/[\\\\/]/).at(-1) + ': ' + ts.flattenDiagnosticMessageText(messageText, ' ').slice(0, 200));
      }`;
    const [first, ...others] = (await runScript('types.cjs', script)).trim().split('\n');
    expect(first).toMatch(new RegExp(`^${user}: Type '.*Promise<void>' is not assignable to type 'string'`));
    expect(others).toEqual([`${user}: Type 'number' is not assignable to type 'string'.`]);
  });

  it('runs the first notebook with its own program', async () => {
    const name = files.find((file) => file.startsWith('notebooks/01-')) ?? '';
    await mkdir(join(folder, 'mine'), { recursive: true });
    await copyFile(join(folder, 'node_modules', 'tokenroof', name), join(folder, 'mine', '01.ipynb'));
    const { status, stdout, stderr } = await runChild(program(), ['notebook', 'mine/01.ipynb', '--out', 'ran'], { cwd: folder, timeoutSeconds: 100 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('tokenroof:') });
    expect(stdout).toMatch(/^mine\/01\.ipynb: \d+ cells/);
    expect(parseNotebook(await readText(join(folder, 'ran', '01.ipynb')), '01').cells.some((cell) => cell.cell_type === 'code' && cell.outputs.length > 0)).toBe(true);
  });

  it('registers its kernel', async () => {
    expect(await run(program(), 'kernel', 'install', '--project', '.')).toMatch(/kernel\.json: written\n/);
    const { argv } = (await readJson(join(folder, 'jupyter', 'kernels', 'tslab', 'kernel.json'))) as { argv: readonly string[] };
    expect(argv).toContain('{resource_dir}/../../../node_modules/tslab/bin/tslab');
  });
});
