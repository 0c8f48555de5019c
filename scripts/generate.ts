/**
 * Writes what follows from the formula cards of `src/`: their index and their MathML.
 *   tsx scripts/generate.ts            writes the stale files and names them
 *   tsx scripts/generate.ts --check    writes nothing; exit 1 and their names where files are stale
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cardNames, type FoundCard, renderCardIndex } from './generate/card-index.ts';
import { mathmlOf } from './generate/mathml.ts';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
const CARD_INDEX = 'formulas.ts';
const MATHML = 'report/mathml.generated.json';

const read = (path: string): string => (existsSync(join(SOURCES, path)) ? readFileSync(join(SOURCES, path), 'utf8') : '');

/** Source files relative to `src/`, `/` between folders, in path order. */
const sourcePaths = (): readonly string[] =>
  readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && path !== CARD_INDEX)
    .sort();

async function findCards(): Promise<readonly FoundCard[]> {
  const found: FoundCard[] = [];
  for (const path of sourcePaths()) {
    const names = cardNames(path, read(path));
    if (names.length === 0) continue;
    const module: Readonly<Record<string, FoundCard['card']>> = await import(pathToFileURL(join(SOURCES, path)).href);
    for (const name of names) found.push({ path, name, card: module[name] as FoundCard['card'] });
  }
  return found;
}

async function generate(check: boolean): Promise<void> {
  const found = await findCards();
  const mathml = found.flatMap(({ card }) => (card.kind === 'formula' ? [[card.id, mathmlOf(card)]] : []));
  const outputs = { [CARD_INDEX]: renderCardIndex(found), [MATHML]: `${JSON.stringify(Object.fromEntries(mathml), null, 2)}\n` };
  for (const [path, text] of Object.entries(outputs)) {
    if (read(path) === text) continue;
    if (check) {
      console.error(`generate: src/${path} is stale, run npm run generate`);
      process.exitCode = 1;
    } else {
      writeFileSync(join(SOURCES, path), text);
      console.log(`wrote src/${path}`);
    }
  }
}

await generate(process.argv.includes('--check')).catch((error: Error) => {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 1;
});
