import type { ReportDefinition } from '../src/report/definition.ts';
import { findOrNearest } from '../src/units/nearest.ts';
import { abstractsReport } from './abstracts/report.ts';
import { afdReport } from './afd/report.ts';
import { calibrationReport } from './calibration/report.ts';
import { distserveReport } from './distserve/report.ts';
import { epdReport } from './epd/report.ts';
import { fastswitchReport } from './fastswitch/report.ts';
import { modelsReport } from './models/report.ts';
import { step3Report } from './step3/report.ts';

/** Every report that can be built, one folder each. */
export const reports: readonly ReportDefinition[] = [step3Report, modelsReport, calibrationReport, afdReport, distserveReport, epdReport, fastswitchReport, abstractsReport];

/** @throws RangeError that lists the nearest ids */
export function selectReports(ids: readonly string[]): readonly ReportDefinition[] {
  if (ids.length === 0) return reports;
  return ids.map((id) => findOrNearest('reports', reports, id, (report) => report.id));
}
