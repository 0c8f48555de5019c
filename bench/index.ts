/*
 * `npm run bench`: bundles the cases as the library is bundled and runs them under plain Node, since what a TypeScript loader
 * adds to each function would be measured too.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('.', import.meta.url));
const out = await mkdtemp(join(tmpdir(), 'tokenroof-bench-'));
try {
  const names = ['cases', 'serving', 'multimodal', 'preemption'];
  const entryPoints = names.map((name) => join(folder, `${name}.ts`));
  await build({ entryPoints, outdir: out, outExtension: { '.js': '.mjs' }, bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' });
  for (const name of names) {
    const { status } = spawnSync(process.execPath, [join(out, `${name}.mjs`), join(folder, 'columns.py')], { stdio: 'inherit' });
    if (status !== 0) process.exitCode = status ?? 1;
  }
} finally {
  await rm(out, { recursive: true, force: true });
}
