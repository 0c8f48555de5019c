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
  const outfile = join(out, 'cases.mjs');
  await build({ entryPoints: [join(folder, 'cases.ts')], outfile, bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' });
  process.exitCode = spawnSync(process.execPath, [outfile, join(folder, 'columns.py')], { stdio: 'inherit' }).status ?? 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
