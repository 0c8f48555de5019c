/*
 * Fails when a generated file that is committed is not what the sources give now: regenerates all (with the built dist/)
 * and compares every file of the working tree with what it was before, so it works with uncommitted changes too.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

function snapshot() {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' }).split('\0');
  const present = files.filter((file) => file !== '' && existsSync(file));
  return new Map(present.map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('hex')]));
}

const before = snapshot();
const failed = ['generate', 'reports'].filter((script) => spawnSync('npm', ['run', '--silent', script], { stdio: 'inherit' }).status !== 0);
const after = snapshot();
const stale = [...new Set([...before.keys(), ...after.keys()])].filter((file) => before.get(file) !== after.get(file)).sort();
for (const script of failed) process.stderr.write(`check-generated: script ${script} fails\n`);
for (const file of stale) process.stderr.write(`check-generated: file ${file} was stale, it is regenerated now\n`);
process.exitCode = stale.length + failed.length > 0 ? 1 : 0;
