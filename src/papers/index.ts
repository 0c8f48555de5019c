import { coreResolvers, createEvidence, type Evidence, paperScenario, type Resolver, type Scenario, scenarioOf, withModels } from '../evidence/index.ts';
import type { ModelEntry } from '../models/index.ts';
import { procedure } from '../provenance/card.ts';
import { afdPaper } from './afd/index.ts';
import { distservePaper } from './distserve/index.ts';
import { epdPaper } from './epd/index.ts';
import { fastswitchPaper } from './fastswitch/index.ts';
import { modelCards } from './model-cards/index.ts';
import type { Paper } from './paper.ts';
import type { PrintedCell } from './printed.ts';
import { compareCells, type ScoreboardRow, scoreboardOf, selectPapers } from './scoreboard.ts';
import { step3Paper } from './step3/index.ts';
import { timingPaper } from './timing/index.ts';

export { afdPaper } from './afd/index.ts';
export { distservePaper } from './distserve/index.ts';
export { epdPaper } from './epd/index.ts';
export { fastswitchPaper } from './fastswitch/index.ts';
export { FIGURES as publishedFigures } from './model-cards/figures.ts';
export { modelCards } from './model-cards/index.ts';
export type { Paper } from './paper.ts';
export { asPrinted, isMeasured, isPrediction, meets, type PrintedCell } from './printed.ts';
export { type CellStatus, type ComparedCell, compareCells, type ScoreboardRow } from './scoreboard.ts';
export { step3Paper } from './step3/index.ts';
export { timingPaper } from './timing/index.ts';

/** Every paper whose printed numbers are compared. */
export const papers: readonly Paper[] = [step3Paper, modelCards, timingPaper, afdPaper, distservePaper, epdPaper, fastswitchPaper];

/** How printed cells are compared, as a card that counts of the scoreboard can name. */
export const comparisonProcedure = procedure({
  id: 'papers/compare-printed',
  name: 'Comparison at printed digits',
  steps: [
    'compute the number of each printed cell from its formula',
    'round it to the digits that are printed',
    'compare the two as text: equal is reproduced, else a named deviation with its reason',
    'a point that was read from a drawn curve is reproduced where it is as near as it can be read',
    'cells that need what is not built yet are open',
  ],
  source: { kind: 'derived', from: 'definition' },
});

/** `scoreboard/<paper>/<cells|reproduced|deviation|open>`: counts over all printed cells of a paper. */
const scoreboardResolver: Resolver = ([id = '', what = '']) => {
  const paper = papers.find((candidate) => candidate.id === id);
  if (!paper || !['cells', 'reproduced', 'deviation', 'open'].includes(what)) return null;
  const compared = compareCells(paper, openEvidence(paperScenario));
  const value = what === 'cells' ? compared.length : compared.filter(({ status }) => status === what).length;
  return { kind: 'found', label: `printed cells of ${paper.reference}${what === 'cells' ? '' : `: ${what}`}`, value, unit: '1', card: comparisonProcedure, inputs: {} };
};

/** The resolver of a paper, which says of an open cell what it waits for. */
const openCells =
  ({ id, open, resolver }: Paper): Resolver =>
  (path, scenario) => {
    const cell = [id, ...path].join('/');
    const found = open.find((candidate) => candidate.cell === cell);
    if (found) throw new RangeError(`${id}: cell ${cell} is open, it ${found.because}`);
    return resolver(path, scenario);
  };

const resolvers: Readonly<Record<string, Resolver>> = { ...coreResolvers, ...Object.fromEntries(papers.map((paper) => [paper.id, openCells(paper)])), scoreboard: scoreboardResolver };

/** All citable numbers, of the catalogue and of the papers, in one scenario. */
export const openEvidence = (scenario: Scenario): Evidence => createEvidence(resolvers, scenario);

/** Models beside the catalogue, and the name that tells a scenario with them from others. */
export interface AddedModels {
  readonly entries: readonly ModelEntry[];
  readonly name: string;
}

/**
 * The evidence in which a reference is cited: `id@scenario`; without a scenario, `paper` for a paper's own ids, else `default`.
 * Added models make a scenario of their own.
 * @throws RangeError for an unknown scenario
 */
export function evidenceFor(reference: string, added?: AddedModels): Evidence {
  const [id = '', asked] = reference.split('@');
  const scenario = scenarioOf(asked ?? (papers.some((paper) => id.startsWith(`${paper.id}/`)) ? 'paper' : 'default'));
  return openEvidence(added === undefined ? scenario : withModels(scenario, added.entries, added.name));
}

/** The printed cell that has this id; null for a number that no paper prints. */
export const printedCellOf = (id: string): PrintedCell | null => papers.flatMap((paper) => paper.cells).find((cell) => cell.id === id) ?? null;

/** Every table, figure and text of the papers: how many printed cells there are, how many are reproduced, and what deviates. */
export const scoreboard = ({ papers: ids }: { readonly papers?: readonly string[] } = {}): readonly ScoreboardRow[] => scoreboardOf(selectPapers(papers, ids), openEvidence(paperScenario));
