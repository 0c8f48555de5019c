import type { Evidence } from '../../src/evidence/index.ts';
import type { NumberCollector } from '../../src/report/collect.ts';
import type { DeviationView, SectionView } from '../../src/report/view.ts';
import { claimCells, fastswitchClaims } from '../fastswitch/claims.ts';
import { fastswitchCells } from '../fastswitch/context.ts';

/** The headline claims of FastSwitch, as its own report has them, with the numbers of this one, and those that deviate. */
export function fastswitchSection(evidence: Evidence, numbers: NumberCollector): { readonly section: SectionView; readonly deviations: readonly DeviationView[] } {
  const cells = fastswitchCells(evidence, numbers);
  const section = fastswitchClaims({ cells });
  const stated = cells.deviations((cell) => claimCells.includes(cell));
  return { section, deviations: stated.map((deviation) => ({ ...deviation, anchor: section.anchor })) };
}
