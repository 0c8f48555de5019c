import { join, resolve } from 'node:path';
import { scenarioOf } from '../evidence/index.ts';
import { packageRoot, readText, writeAtomic } from '../io/index.ts';
import { openEvidence } from '../papers/index.ts';
import type { ReportContext, ReportDefinition } from './definition.ts';
import mathml from './mathml.generated.json' with { type: 'json' };
import { buildReport, loadAssets } from './render.ts';
import type { NumberView, ReportView } from './view.ts';

export interface BuildOptions {
  /** version of the program that citations name */
  readonly version: string;
  readonly onProgress?: (id: string, file: string, bytes: number) => void;
}

export interface BuiltReport {
  readonly id: string;
  readonly file: string;
  readonly bytes: number;
}

/** What definitions are built with: evidence of any scenario and the generated MathML. */
export const reportContext = (version: string): ReportContext => ({ open: (scenario) => openEvidence(scenarioOf(scenario)), mathml, generator: `Tokenroof ${version}` });

/**
 * Builds reports into a folder, one self-contained HTML file each, `<id>.html`. A file is written whole or not at all.
 * @throws InputError when the folder cannot be written; RangeError when a claim of a report is false
 */
export async function buildReports(definitions: readonly ReportDefinition[], folder: string, { version, onProgress }: BuildOptions): Promise<readonly BuiltReport[]> {
  const assets = await loadAssets((path) => readText(join(packageRoot(), path), 'report'));
  const context = reportContext(version);
  const built: BuiltReport[] = [];
  for (const definition of definitions) {
    const page = await buildReport(definition.build(context), assets);
    const file = resolve(folder, `${definition.id}.html`);
    await writeAtomic(file, page, 'report');
    const bytes = Buffer.byteLength(page);
    onProgress?.(definition.id, file, bytes);
    built.push({ id: definition.id, file, bytes });
  }
  return built;
}

/** The numbers that a report shows, by reference: the text of its `numbers.json`. */
export function numbersFile(view: ReportView): string {
  const entry = ({ value, unit, basis, weakest, origin }: NumberView) => ({
    value,
    unit,
    basis,
    weakest,
    from: origin.kind === 'formula' ? origin.formula : origin.kind === 'procedure' ? origin.procedure : origin.kind,
  });
  const cited = new Set(view.cited);
  const numbers = Object.fromEntries(
    view.numbers
      .filter(({ id }) => cited.has(id))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((number) => [number.id, entry(number)]),
  );
  return `${JSON.stringify({ report: view.id, title: view.title, numbers }, null, 1)}\n`;
}
