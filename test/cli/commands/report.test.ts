import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { reportPrintout } from '../../../src/cli/commands/report.ts';
import { printed } from '../../../src/cli/output/print.ts';
import { cli } from '../support.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenroof-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('prints where each report is and how large', () => {
  const printout = reportPrintout([{ id: 'step3', file: 'out/step3.html', bytes: 1_234_001 }]);
  expect(printed('table', printout)).toBe('report  file              kB\nstep3   out/step3.html  1235\n');
  expect(printed('csv', printout)).toBe('id,file,bytes\nstep3,out/step3.html,1234001\n');
});

describe.skipIf(!existsSync('dist/report-runtime.js'))('report (skipped before the first build, whose browser script the pages inline)', () => {
  it('writes a page, tells its size, and tells progress on stderr', { timeout: 60_000 }, async () => {
    const { code, out, err } = await cli('report', 'step3', '--out', join(folder, 'new'), '--format', 'json');
    expect([code, err]).toEqual([0, 'step3: built\n']);
    const [built] = z.tuple([z.strictObject({ id: z.literal('step3'), file: z.string(), bytes: z.int() })]).parse(JSON.parse(out));
    expect((await stat(built.file)).size).toBe(built.bytes);
    expect(await readFile(built.file, 'utf8')).toMatch(/^<!doctype html>/i);
  });
  it('refuses a folder that cannot be made', { timeout: 60_000 }, async () => {
    await writeFile(join(folder, 'file'), '');
    expect(await cli('report', 'step3', '--out', join(folder, 'file', 'x'))).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^tokenroof: report: file [^\n]+\n$/) });
  });
});
