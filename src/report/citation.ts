/** What the citation of one number names. */
export interface CitedNumber {
  readonly label: string;
  readonly text: string;
  readonly unit: string;
  readonly id: string;
  readonly scenario: string;
  readonly report: string;
  readonly generator: string;
}

/** One line that lets another reader find and recompute the number: what it is, its value, `id@scenario`, report, program. */
export const citeNumber = ({ label, text, unit, id, scenario, report, generator }: CitedNumber): string =>
  `${label}: ${[text, unit].filter(Boolean).join(' ')} (${id.includes('@') ? id : `${id}@${scenario}`}). In: ${report} ${generator}.`;
