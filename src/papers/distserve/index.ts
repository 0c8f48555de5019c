import type { Resolver } from '../../evidence/evidence.ts';
import type { Paper } from '../paper.ts';
import { ablationItems, ablationNumber } from './ablation.ts';
import { figure4Inputs, figure4Items } from './average-ttft.ts';
import { capacityInputs, capacityNumber } from './capacity.ts';
import { claimInputs, claimItems } from './claims.ts';
import { curveItems, curveNumber } from './curve-items.ts';
import { decodeScalingItems } from './decode-scaling.ts';
import { ID, type Item } from './item.ts';
import { measuredRunItems, traceNumber } from './measured-runs.ts';
import { openCells } from './open-cells.ts';
import { placementItems } from './placements.ts';
import { referenceItems } from './reference.ts';
import { settingNumber } from './settings.ts';
import { singleGpuItems } from './single-gpu.ts';
import { textInputs, textItems, transferNumber } from './text.ts';
import { todayNumber } from './today-numbers.ts';
import { transferInputs, transferItems } from './transfers.ts';

const items: readonly Item[] = [
  ...singleGpuItems,
  ...figure4Items,
  ...decodeScalingItems,
  ...curveItems,
  ...transferItems,
  ...ablationItems,
  ...placementItems,
  ...textItems,
  ...claimItems,
  ...referenceItems,
  ...measuredRunItems,
];

const byPath: ReadonlyMap<string, Item['number']> = new Map([
  ...items.map(({ cell, number }) => [cell.id.slice(ID.length + 1), number] as const),
  ...Object.entries({ ...figure4Inputs, ...textInputs, ...capacityInputs, ...claimInputs, ...transferInputs }),
]);

/**
 * Answers the cells of the DistServe paper by their own ids, `distserve/<table>/<path>`, and what they are computed from: `distserve/input/<name>`,
 * `distserve/rate/<plotted>`, and as `transferNumber`, `capacityNumber`, `settingNumber`, `traceNumber`, `curveNumber`, `ablationNumber` and `todayNumber` say. Only in the paper's own scenario.
 */
const resolver: Resolver = (path, scenario) => {
  if (scenario.id !== 'paper') return null;
  const number =
    byPath.get(path.join('/')) ?? transferNumber(path) ?? capacityNumber(path) ?? settingNumber(path) ?? traceNumber(path) ?? curveNumber(path) ?? ablationNumber(path) ?? todayNumber(path);
  return typeof number === 'function' ? number() : number;
};

/** DistServe: Disaggregating Prefill and Decoding for Goodput-optimized Large Language Model Serving, arXiv:2401.09670v3 (OSDI 2024). */
export const distservePaper: Paper = {
  id: ID,
  title: 'DistServe: Disaggregating Prefill and Decoding for Goodput-optimized Large Language Model Serving',
  reference: 'arXiv:2401.09670v3',
  url: 'https://arxiv.org/abs/2401.09670v3',
  cells: [...items, ...openCells].map(({ cell }) => cell),
  resolver,
  deviations: items.flatMap(({ cell, deviates }) => (deviates === undefined ? [] : [{ cell: cell.id, because: deviates }])),
  open: openCells.map(({ cell, because }) => ({ cell: cell.id, because })),
};
