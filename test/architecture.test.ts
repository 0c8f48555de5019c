import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

/** What each room may import, beside itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  provenance: [],
  units: ['provenance'],
  io: [],
  layers: ['provenance', 'units'],
  models: ['provenance', 'units', 'layers'],
  accelerators: ['provenance', 'units', 'layers'],
  roofline: ['provenance', 'units'],
  cost: ['provenance', 'units', 'layers', 'models', 'accelerators', 'roofline'],
  timing: ['provenance', 'units', 'layers', 'models', 'accelerators', 'roofline'],
  serving: ['provenance', 'units', 'layers', 'models', 'accelerators', 'cost', 'timing'],
  calibrate: ['units', 'layers', 'models', 'accelerators', 'timing', 'serving', 'papers'],
  sweep: ['units', 'cost'],
  compare: ['provenance', 'units', 'layers', 'models', 'accelerators', 'cost', 'sweep'],
  evidence: ['provenance', 'units', 'layers', 'models', 'accelerators', 'roofline', 'cost', 'compare'],
  papers: ['provenance', 'units', 'layers', 'models', 'accelerators', 'roofline', 'cost', 'timing', 'serving', 'evidence'],
  chart: ['provenance', 'units'],
  report: ['provenance', 'units', 'evidence', 'papers', 'chart', 'io'],
  notebook: ['chart', 'io'],
  cli: [
    'provenance',
    'units',
    'layers',
    'models',
    'accelerators',
    'roofline',
    'cost',
    'timing',
    'serving',
    'compare',
    'sweep',
    'evidence',
    'papers',
    'chart',
    'report',
    'notebook',
    'io',
    'reports',
    'package',
  ],
  index: ['provenance', 'units', 'layers', 'models', 'accelerators', 'roofline', 'cost', 'timing', 'serving', 'compare', 'sweep', 'evidence', 'papers', 'chart', 'notebook', 'formulas'],
  formulas: ['provenance', 'layers', 'models', 'roofline', 'cost', 'timing', 'serving', 'evidence', 'papers'],
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly targetRoom: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'));

const roomOf = (path: string): string => (path.includes('/') ? (path.split('/')[0] as string) : path.replace(/\.ts$/, ''));

const imports: readonly Import[] = files.flatMap((file) =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, specifier = '']) => {
    const target = posix.join(posix.dirname(file), specifier);
    return { file, room: roomOf(file), target, targetRoom: target.startsWith('../reports/') ? 'reports' : target === '../package.json' ? 'package' : roomOf(target) };
  }),
);

describe('architecture', () => {
  it('finds the imports of every room', () => {
    expect(new Set(imports.map(({ room }) => room)).size).toBeGreaterThan(14);
  });

  it('knows every room', () => {
    expect(files.map(roomOf).filter((room) => !(room in ALLOWED))).toEqual([]);
  });

  it('imports only from rooms that a room may know', () => {
    const wrong = imports.filter(({ room, targetRoom }) => room !== targetRoom && !ALLOWED[room]?.includes(targetRoom));
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('has no cycle between rooms', () => {
    const seen = new Map<string, 'open' | 'done'>();
    const visit = (room: string, path: readonly string[]): void => {
      if (seen.get(room) === 'done') return;
      if (seen.get(room) === 'open') throw new Error(`cycle: ${[...path, room].join(' -> ')}`);
      seen.set(room, 'open');
      for (const next of ALLOWED[room] ?? []) visit(next, [...path, room]);
      seen.set(room, 'done');
    };
    for (const room of Object.keys(ALLOWED)) expect(() => visit(room, [])).not.toThrow();
  });

  it('gives no formula a catalogue, and no layer a chip', () => {
    const catalogue = imports.filter(({ target }) => target.includes('/catalogue/'));
    expect(catalogue.filter(({ file }) => !/^(models|accelerators)\/(catalogue\/)?[^/]+\.ts$/.test(file)).map(({ file }) => file)).toEqual([]);
  });

  it('lets no formula load a whole catalogue', () => {
    const leftOfEvidence = Object.keys(ALLOWED).slice(0, Object.keys(ALLOWED).indexOf('evidence'));
    const barrels = imports.filter(({ room, target }) => leftOfEvidence.includes(room) && /^(models|accelerators)\/(index|links|catalogue\/.*)\.ts$/.test(target));
    expect(leftOfEvidence).toContain('compare');
    expect(barrels.filter(({ room, targetRoom }) => room !== targetRoom).map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('keeps the disk, processes, clock and randomness out of the core', () => {
    const core = files.filter((file) => !['io', 'report', 'notebook', 'cli'].includes(roomOf(file)));
    const impure = core.filter((file) => /from 'node:(fs|child_process|os|net|http)|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\./.test(readFileSync(join(SRC, file), 'utf8')));
    expect(impure).toEqual([]);
  });

  it('keeps every source file small enough to be one concept', () => {
    const long = files.filter((file) => !file.includes('generated') && file !== 'formulas.ts' && readFileSync(join(SRC, file), 'utf8').split('\n').length > 300);
    expect(long.map((file) => relative(ROOT, join(SRC, file)))).toEqual([]);
  });
});
