import type { Resolver } from '../../evidence/evidence.ts';
import type { Paper } from '../paper.ts';
import { copyItems, copyNumbers } from './copies.ts';
import { drawnInputs, drawnItems } from './drawn.ts';
import { ID, type Item, REFERENCE } from './item.ts';
import { openCells } from './open-cells.ts';
import { overheadItems, overheadNumbers } from './overheads.ts';
import { settingInputs } from './settings.ts';
import { simulatedItems } from './simulated-cells.ts';
import { simulatedNumbers } from './simulated-numbers.ts';
import { swapOutItems, swapOutNumbers } from './swap-out.ts';
import { todayNumber } from './today-numbers.ts';

const items: readonly Item[] = [...swapOutItems, ...overheadItems, ...copyItems, ...drawnItems, ...simulatedItems];

const byPath: ReadonlyMap<string, Item['number']> = new Map([
  ...items.map(({ cell, number }) => [cell.id.slice(ID.length + 1), number] as const),
  ...Object.entries({ ...settingInputs, ...copyNumbers, ...swapOutNumbers, ...overheadNumbers, ...drawnInputs, ...simulatedNumbers }),
]);

/**
 * Answers the cells of the FastSwitch paper by their own ids, `fastswitch/<table>/<path>`, and what they are computed from: `fastswitch/input/<name>`, and as
 * `copyNumbers`, `swapOutNumbers`, `overheadNumbers`, `simulatedNumbers` and `todayNumber` say. Only in the paper's own scenario.
 */
const resolver: Resolver = (path, scenario) => {
  if (scenario.id !== 'paper') return null;
  const number = byPath.get(path.join('/'));
  if (number === undefined) return todayNumber(path);
  return typeof number === 'function' ? number() : number;
};

/** FastSwitch: Optimizing Context Switching Efficiency in Fairness-aware Large Language Model Serving, arXiv:2411.18424. Figures and text as in the authors' preprint of 22 November 2024. */
export const fastswitchPaper: Paper = {
  id: ID,
  title: 'FastSwitch: Optimizing Context Switching Efficiency in Fairness-aware Large Language Model Serving',
  reference: REFERENCE,
  url: `https://arxiv.org/abs/${REFERENCE.replace('arXiv:', '')}`,
  cells: [...items, ...openCells].map(({ cell }) => cell),
  resolver,
  deviations: items.flatMap(({ cell, deviates }) => (deviates === undefined ? [] : [{ cell: cell.id, because: deviates }])),
  open: openCells.map(({ cell, because }) => ({ cell: cell.id, because })),
};
