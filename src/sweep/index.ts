export { type CostColumns, costColumns, emptyColumns } from './columns.ts';
