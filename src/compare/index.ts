export { breakEvenPrice, type Disaggregation, disaggregationPriceRatios, type PriceRatios } from './break-even.ts';
export { type Candidate, type ContextQuery, type CostBasis, costOf } from './candidate.ts';
export { type CheapestRange, cheapestRanges } from './cheapest.ts';
export { contextGrid } from './context-grid.ts';
export { type CostCrossover, type CostCrossovers, type CrossoverQuery, costCrossovers } from './crossover.ts';
export { type CurveRow, type CurveRowsOptions, curveRows } from './curve-rows.ts';
export { type Elasticity, elasticities } from './elasticity.ts';
export { type Objective, paretoFront } from './pareto.ts';
export { CURVE_COLUMNS, type CurveColumn, type CurveQuery, costTable, curveTable } from './table.ts';
