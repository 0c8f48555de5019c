import type { Command, CommanderError } from 'commander';
import { InputError } from '../io/input-error.ts';
import { nearest } from '../units/nearest.ts';

/** What commander refuses, in the words of every other error. */
export function usageError(name: string, group: Command, error: CommanderError): InputError {
  // what a group was given is that of the command below it that was asked for
  const asked = group.commands.find((action) => action.name() === group.args[0]);
  return new InputError(`${name}: ${refusal(asked ?? group, error)}`, { cause: error });
}

function refusal(command: Command, { code, message }: CommanderError): string {
  const quoted = message.match(/'([^']*)'/)?.[1] ?? '';
  const flag = quoted.match(/--[\w-]+/)?.[0] ?? quoted;
  switch (code) {
    case 'commander.unknownOption': {
      const known = command.options.flatMap(({ long }) => long ?? []);
      return `option ${quoted} is unknown; nearest: ${nearest(flag, [...known, '--help']).join(', ')}`;
    }
    case 'commander.unknownCommand':
      return `command ${quoted} is unknown; nearest: ${nearest(
        quoted,
        command.commands.map((action) => action.name()),
      ).join(', ')}`;
    case 'commander.help':
      return `command is missing: one of ${command.commands.map((action) => action.name()).join(', ')}`;
    case 'commander.missingArgument':
      return `argument <${quoted}> is missing`;
    case 'commander.optionMissingArgument':
      return `option ${flag} is given without its value`;
    case 'commander.missingMandatoryOptionValue':
      return `option ${flag} is missing`;
    case 'commander.excessArguments':
      return `argument ${command.args[command.registeredArguments.length] ?? ''} is one too many`;
    default:
      return message.replace(/^error: /, '');
  }
}
