import { InputError } from '../../io/input-error.ts';
import { type Conversations, conversationsOfTrace } from '../../serving/preemption/conversations.ts';
import { readTable } from '../input/table-file.ts';
import { PLACE, told } from './options.ts';

const COLUMNS = { conversation: 'conversation', arrival: 'arrival_s', prompt: 'prompt_len', output: 'output_len' } as const;

/** Conversations of a CSV file, and their names, in the order of their first turns. @throws InputError that names the line of the file */
export async function readTrace(path: string): Promise<{ readonly conversations: Conversations; readonly names: readonly string[] }> {
  if (path === '') throw new InputError(`${PLACE}: trace "" is empty`);
  const rows = await readTable(PLACE, path, Object.values(COLUMNS));
  const read = rows.map(({ line, cells }) => {
    const number = (column: string): number => {
      const text = cells[column] as string;
      if (!/^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) throw new InputError(`${PLACE}: ${path} line ${line} ${column} ${text || '""'} is not a number`);
      return Number(text);
    };
    return { conversation: cells.conversation as string, arrival: number(COLUMNS.arrival), prompt: number(COLUMNS.prompt), output: number(COLUMNS.output) };
  });
  const names = [...new Set(read.map(({ conversation }) => conversation))];
  try {
    return { conversations: told(() => conversationsOfTrace(read)), names };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const message = error.message.replace(/trace row (\d+): (\w+)/, (_, row: string, field: keyof typeof COLUMNS) => `${path} line ${rows[Number(row) - 1]?.line} ${COLUMNS[field]}`);
    throw new InputError(message, { cause: error });
  }
}
