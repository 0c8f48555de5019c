import type { Resolver } from '../../evidence/evidence.ts';
import type { Paper } from '../paper.ts';
import { figure4Inputs, figure4Items } from './average-ttft.ts';
import { capacityInputs, capacityNumber } from './capacity.ts';
import { ID, type Item } from './item.ts';
import { measuredRunItems, traceNumber } from './measured-runs.ts';
import { referenceItems } from './reference.ts';
import { settingNumber } from './settings.ts';
import { textInputs, textItems, transferNumber } from './text.ts';
import { todayNumber } from './today-numbers.ts';

const items: readonly Item[] = [...figure4Items, ...textItems, ...referenceItems, ...measuredRunItems];

const byPath: ReadonlyMap<string, Item['number']> = new Map([
  ...items.map(({ cell, number }) => [cell.id.slice(ID.length + 1), number] as const),
  ...Object.entries({ ...figure4Inputs, ...textInputs, ...capacityInputs }),
]);

/**
 * Answers the cells of the DistServe paper by their own ids, `distserve/<table>/<path>`, and what they are computed from: `distserve/input/<name>`,
 * `distserve/rate/<plotted>`, and as `transferNumber`, `capacityNumber`, `settingNumber`, `traceNumber` and `todayNumber` say. Only in the paper's own scenario.
 */
const resolver: Resolver = (path, scenario) => {
  if (scenario.id !== 'paper') return null;
  const number = byPath.get(path.join('/')) ?? transferNumber(path) ?? capacityNumber(path) ?? settingNumber(path) ?? traceNumber(path) ?? todayNumber(path);
  return typeof number === 'function' ? number() : number;
};

/** DistServe: Disaggregating Prefill and Decoding for Goodput-optimized Large Language Model Serving, arXiv:2401.09670v3 (OSDI 2024). */
export const distservePaper: Paper = {
  id: ID,
  title: 'DistServe: Disaggregating Prefill and Decoding for Goodput-optimized Large Language Model Serving',
  reference: 'arXiv:2401.09670v3',
  url: 'https://arxiv.org/abs/2401.09670v3',
  cells: items.map(({ cell }) => cell),
  resolver,
  deviations: items.flatMap(({ cell, deviates }) => (deviates === undefined ? [] : [{ cell: cell.id, because: deviates }])),
  open: [],
};
