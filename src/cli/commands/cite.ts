import { CITATION_STYLES, type CitationStyle, citation } from '../../evidence/index.ts';
import { evidenceFor, isMeasured, isPrediction, meets, printedCellOf } from '../../papers/index.ts';
import { type CommandOf, chosen, createCommand } from '../command.ts';
import { readVersion } from '../version.ts';

export const cite: CommandOf = (io) =>
  createCommand(io, 'cite', {
    description: 'Text that cites one number: its value, how it follows, the scenario and the version of this program.',
    examples: ['cite step3/table-6/step-3/h20/attention-8k', 'cite step3/table-6/step-3/h20/attention-8k --as bibtex'],
  })
    .argument('<number-id>', 'id, or id@scenario')
    .addOption(chosen('cite', '--as <style>', 'how to write it', CITATION_STYLES).default('markdown'))
    .action(async (id: string, { as }: { readonly as: CitationStyle }) => {
      const version = await readVersion();
      const evidence = evidenceFor(id);
      const { id: plain, value } = evidence.number(id);
      const cell = printedCellOf(plain);
      const deviates = cell !== null && !isPrediction(cell) && !meets(value, cell);
      const measured = cell !== null && isMeasured(cell);
      io.out(
        `${citation(evidence, id, as, { version, printed: cell && { value: cell.printed, where: `${cell.where}${deviates ? ', a named deviation' : measured ? ', measured; ours is a prediction' : ''}` } })}\n`,
      );
    });
