/*
 * Builds dist/ from src/:
 *
 *   index.js, index.cjs   the library for `import` and `require`. Arquero and Flechette stay imports, so that a user's
 *                         tables and ours are of one class; everything else is bundled.
 *   index.d.ts            its types in one file that TypeScript 5.0 (the notebook kernel's) can read. It may name Arquero
 *                         and Flechette and nothing else from outside.
 *   index.d.cts           the same for `require`; these two have types for `import` only, and it takes them so.
 *   cli.js, chunks/       the program. All is bundled, Arquero too, and split where src says `await import()`, so that a
 *                         command loads only what it needs.
 *   vendor/               a package that src loads with `await import('vega')` becomes one file here, which the three
 *                         above share and load at that moment: a plain import of the library never reads it.
 *   report-runtime.js     the script that report pages inline: one file, minified, ASCII.
 *   LICENSES.txt          the licences of the packages that were bundled.
 *
 * It is built aside and swapped in at the end, so a failed build leaves the last good dist/.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { buildRuntime } from './build-runtime.mjs';

const SHARED_WITH_THE_USER = ['arquero', '@uwdata/flechette'];
const PACKAGES_LIMIT = 100_000; // bytes of packages in index.js: more means that a heavy one is imported statically

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const started = performance.now();
const out = await mkdtemp('.dist-');
await chmod(out, 0o755);
try {
  const vendored = new Set();
  const metas = await Promise.all([library('esm', 'index.js', vendored), library('cjs', 'index.cjs', vendored), program(vendored), runtime(), types()]);
  metas.push(await vendor([...vendored].sort()));
  await writeFile(join(out, 'LICENSES.txt'), await licences(metas.flatMap((meta) => Object.keys(meta?.inputs ?? {}))));
  const eager = (await stat(join(out, 'index.js'))).size;
  const packages = packageBytes(metas[0]);
  if (packages > PACKAGES_LIMIT) throw new Error(`build: packages ${packages} bytes of index.js are above ${PACKAGES_LIMIT}, load heavy ones with await import()`);
  const old = `${out}-old`;
  if (existsSync('dist')) await rename('dist', old);
  await rename(out, 'dist');
  await rm(old, { recursive: true, force: true });
  process.stdout.write(`dist/ built in ${((performance.now() - started) / 1000).toFixed(1)} s, index.js ${Math.round(eager / 1000)} kB, ${Math.round(packages / 1000)} kB of it packages\n`);
} finally {
  await rm(out, { recursive: true, force: true });
}

/** Bytes of a bundle that are not our own. */
function packageBytes({ outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.reduce((sum, [path, { bytesInOutput }]) => sum + (path.startsWith('node_modules/') ? bytesInOutput : 0), 0);
}

function options(vendored) {
  return {
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    metafile: true,
    legalComments: 'none',
    plugins: [lazyPackages(vendored)],
  };
}

/** Sends `await import('<package>')` to vendor/<package>.js and remembers the package. */
function lazyPackages(vendored) {
  return {
    name: 'lazy-packages',
    setup({ onResolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
        if (kind !== 'dynamic-import' || isBuiltin(path) || SHARED_WITH_THE_USER.includes(path) || importer.includes('/node_modules/')) return;
        vendored.add(path);
        return { path: `#vendor/${vendorName(path)}.js`, external: true };
      });
    },
  };
}

function vendorName(path) {
  return path.replace(/^@/, '').replaceAll('/', '-');
}

async function library(format, file, vendored) {
  const commonJs = { define: { 'import.meta.url': 'moduleUrl' }, banner: { js: `"use strict";\nconst moduleUrl = require('node:url').pathToFileURL(__filename).href;` } };
  const settings = { ...options(vendored), external: SHARED_WITH_THE_USER, format, ...(format === 'cjs' ? commonJs : {}) };
  return (await build({ ...settings, entryPoints: ['src/index.ts'], outfile: join(out, file) })).metafile;
}

async function program(vendored) {
  const entry = 'src/cli/main.ts';
  const banner = { js: `import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);` };
  const { metafile } = await build({ ...options(vendored), format: 'esm', splitting: true, banner, entryPoints: { cli: entry }, outdir: out, chunkNames: 'chunks/[name]-[hash]' });
  const file = join(out, 'cli.js');
  await writeFile(file, `#!/usr/bin/env node\n${(await readFile(file, 'utf8')).replace(/^#!.*\n/, '')}`);
  await chmod(file, 0o755);
  return metafile;
}

async function vendor(packages) {
  const entryPoints = Object.fromEntries(packages.map((path) => [vendorName(path), path]));
  const canvas = { 'vega-canvas': './node_modules/vega-canvas/build/vega-canvas.browser.module.js' };
  return (await build({ ...options(new Set()), plugins: [], alias: canvas, minify: true, format: 'esm', splitting: true, entryPoints, outdir: join(out, 'vendor') })).metafile;
}

async function runtime() {
  return (await buildRuntime({ outdir: out })).metafile;
}

async function types() {
  const onwarn = (warning) => {
    throw new Error(`build: index.d.ts ${warning.message}`);
  };
  const bundle = await rollup({ input: 'src/index.ts', external: SHARED_WITH_THE_USER, onwarn, plugins: [dts({ tsconfig: 'tsconfig.json' })] });
  const { output } = await bundle.generate({ format: 'es' });
  await bundle.close();
  await writeFile(join(out, 'index.d.ts'), output[0].code);
  await writeFile(join(out, 'index.d.cts'), output[0].code.replace(/^import (.*) from '(.*)';$/gm, "import type $1 from '$2' with { 'resolution-mode': 'import' };"));
}

async function licences(inputs) {
  const packages = new Set(inputs.flatMap((input) => input.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/) ?? []));
  const texts = [];
  for (const folder of [...packages].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    texts.push(`${name} ${version} (${license})\n\n${file ? (await readFile(join(folder, file), 'utf8')).trim() : 'no licence file in the package'}\n`);
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
