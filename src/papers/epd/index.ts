import type { Resolver } from '../../evidence/evidence.ts';
import type { Paper } from '../paper.ts';
import { audioItems, audioNumber, openAudioCells } from './audio-cells.ts';
import { gainNumber } from './gain-numbers.ts';
import { imageNumber } from './image-numbers.ts';
import { ID, type Item, REFERENCE } from './item.ts';
import { latencyItems, latencyNumber, openLatencyCells } from './latency-cells.ts';
import { memoryItems, memoryNumber } from './memory-cells.ts';
import { predictionNumber } from './prediction-numbers.ts';
import { simulatedItems, simulatedNumber } from './simulated-cells.ts';
import { todayNumber } from './today-numbers.ts';

export { type ConstantRow, constantsTable, type HeldOut, type ModelConstants, type PredictedValue } from './constants-table.ts';

const items: readonly Item[] = [...memoryItems, ...latencyItems, ...simulatedItems, ...audioItems];
const numbers: readonly ((path: readonly string[]) => ReturnType<Resolver>)[] = [memoryNumber, latencyNumber, predictionNumber, simulatedNumber, audioNumber, gainNumber, imageNumber, todayNumber];

const open = [...openLatencyCells, ...openAudioCells];

const byPath: ReadonlyMap<string, Item['number']> = new Map(items.map(({ cell, number }) => [cell.id.slice(ID.length + 1), number]));

/**
 * Answers the cells of the EPD paper by their own ids, `epd/<table>/<path>`, and what they are computed from, as the functions of
 * `numbers` say. Only in the paper's own scenario.
 */
const resolver: Resolver = (path, scenario) => {
  if (scenario.id !== 'paper') return null;
  const number = byPath.get(path.join('/'));
  if (number !== undefined) return typeof number === 'function' ? number() : number;
  for (const of of numbers) {
    const found = of(path);
    if (found !== null) return found;
  }
  return null;
};

/** Efficiently Serving Large Multimodal Models Using EPD Disaggregation, arXiv:2501.05460v4 (ICML 2025). */
export const epdPaper: Paper = {
  id: ID,
  title: 'Efficiently Serving Large Multimodal Models Using EPD Disaggregation',
  reference: REFERENCE,
  url: `https://arxiv.org/abs/${REFERENCE.replace('arXiv:', '')}`,
  cells: [...items, ...open].map(({ cell }) => cell),
  resolver,
  deviations: items.flatMap(({ cell, deviates }) => (deviates === undefined ? [] : [{ cell: cell.id, because: deviates }])),
  open: open.map(({ cell, because }) => ({ cell: cell.id, because })),
};
