import type { Resolver } from '../../evidence/evidence.ts';
import { planProcedure } from '../../serving/afd/procedures.ts';
import type { Layout } from '../../serving/afd/stage-times.ts';
import type { Paper } from '../paper.ts';
import type { PrintedCell } from '../printed.ts';
import { passProcedure } from '../timing/index.ts';
import { colocatedCases, colocatedThroughput, planOf, splitCases, type ThroughputCase } from './cases.ts';
import { networkNumber } from './network-numbers.ts';
import { plannedNumber } from './planned.ts';

const ID = 'afd';

/** A row with the number that answers it. */
interface Item {
  readonly path: string;
  readonly cell: PrintedCell;
  readonly value: () => number;
  readonly card: typeof planProcedure;
}

const item = ({ id, printed, where }: ThroughputCase, value: () => number, card: typeof planProcedure, suffix = ''): Item => {
  const path = `table-8/${id}${suffix}`;
  return { path, cell: { id: `${ID}/${path}`, paper: ID, table: 'table-8', printed, scale: 1, where, aim: { kind: 'within', share: 0.15 } }, value, card };
};

const SPLIT_EXPERTS: Layout = 'tensor';

const items: readonly Item[] = [
  ...splitCases.map((each) => item(each, () => planOf(each, 'expert').tokensPerGpuSecond, planProcedure)),
  ...splitCases.map((each) => item(each, () => planOf(each, SPLIT_EXPERTS).tokensPerGpuSecond, planProcedure, `:${SPLIT_EXPERTS}`)),
  ...colocatedCases.map((each) => item(each, () => colocatedThroughput(each), passProcedure)),
];

const byPath = new Map(items.map((each) => [each.path, each]));

/** `afd/table-8/<row>`: predicted throughput; others as `plannedNumber` and `networkNumber` say. */
const resolver: Resolver = (path) => {
  const found = byPath.get(path.join('/'));
  return found === undefined ? (plannedNumber(path) ?? networkNumber(path)) : { kind: 'found', label: found.cell.where, value: found.value(), unit: 'token/s', card: found.card, inputs: {} };
};

/** Measured throughput that the planner predicts from kernels alone. */
export const afdPaper: Paper = {
  id: ID,
  title: 'Measured throughput of deployments that the planner predicts',
  reference: 'arXiv:2507.19427v1, Table 8',
  url: 'https://arxiv.org/abs/2507.19427v1',
  cells: items.map(({ cell }) => cell),
  resolver,
  deviations: splitCases.map(({ id }) => ({
    cell: `${ID}/table-8/${id}:${SPLIT_EXPERTS}`,
    because:
      'the paper does not say how the chips of a feed-forward instance share a layer; with each expert split over the eight chips of an instance all of them get every token, which takes too long; with whole experts on chips, what the planner takes, see the cell beside it',
  })),
  open: [],
};
