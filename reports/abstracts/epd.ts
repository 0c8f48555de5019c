import type { Evidence } from '../../src/evidence/index.ts';
import type { NumberCollector } from '../../src/report/collect.ts';
import type { DeviationView, SectionView } from '../../src/report/view.ts';
import { claimCells, epdClaims } from '../epd/claims.ts';
import { epdCells } from '../epd/context.ts';

/** The headline claims of EPD, as its own report has them, with the numbers of this one, and those that deviate. */
export function epdSection(evidence: Evidence, numbers: NumberCollector): { readonly section: SectionView; readonly deviations: readonly DeviationView[] } {
  const cells = epdCells(evidence, numbers);
  const section = epdClaims({ cells });
  const stated = cells.deviations((cell) => claimCells.includes(cell));
  return { section, deviations: stated.map((deviation) => ({ ...deviation, anchor: section.anchor })) };
}
