import { CommanderError } from 'commander';
import { InputError } from '../io/input-error.ts';
import { nearest } from '../units/nearest.ts';
import { type CommandName, commands } from './commands/index.ts';
import { verdict } from './errors.ts';
import type { Io } from './io.ts';
import { usageError } from './usage-error.ts';
import { readVersion } from './version.ts';

/**
 * Runs one command line, without the program's own name, and resolves to its exit code: 0, 1 for a failure, 2 for a
 * mistake of the user. Only the file of the command that is asked for is loaded.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const [first = '--help', ...rest] = argv;
  if (first === '--version' || first === '-V') {
    io.out(`${await readVersion()}\n`);
    return 0;
  }
  if (['--help', '-h', 'help'].includes(first) && rest[0] === undefined) {
    io.out(overview());
    return 0;
  }
  const [name = '', ...args] = first === 'help' ? [...rest, '--help'] : argv;
  try {
    await execute(name, args, io);
    return 0;
  } catch (error) {
    const { line, code } = verdict(error, name);
    io.err(`${line}\n`);
    return code;
  }
}

async function execute(name: string, args: readonly string[], io: Io): Promise<void> {
  if (!isCommand(name)) {
    const known = Object.keys(commands);
    throw name.startsWith('-')
      ? new InputError(`cli: option ${name} is unknown before a command; a command is one of ${known.join(', ')}`)
      : new InputError(`cli: command ${name || '""'} is unknown; nearest: ${nearest(name, known).join(', ')}`);
  }
  const command = (await commands[name].load())(io);
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(name, command, error);
  }
}

const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name);

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return [
    'What does a decoded LLM token cost, on which chip, at which context length, and where does that number come from?',
    '',
    'Usage: tokenroof <command> [options]',
    '',
    'Commands:',
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Options:',
    '  -V, --version  the version of the program',
    '  -h, --help     this text; after a command, its options and an example',
    '',
    'Example:',
    '  $ tokenroof cost --models step-3,deepseek-v3 --accelerators h800,h20 --contexts 8K,32K',
    '',
    'Exit codes: 0, 1 for a failure, 2 for a mistake in what was given. Errors are one line on stderr.',
    '',
  ].join('\n');
}
