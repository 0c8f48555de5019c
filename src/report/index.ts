export { type BuildOptions, type BuiltReport, buildReports, numbersFile, reportContext } from './build.ts';
export { claim, type ReportContext, type ReportDefinition } from './definition.ts';
export type { ReportView } from './view.ts';
