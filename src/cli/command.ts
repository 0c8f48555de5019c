import { Command, Option } from 'commander';
import { choice, distinct, names } from './input/names.ts';
import type { Io } from './io.ts';
import { FORMATS } from './output/print.ts';

export type CommandOf = (io: Io) => Command;

export interface CommandText {
  readonly description: string;
  readonly examples: readonly string[];
  /** what `--format json` prints */
  readonly json?: string;
  /** anything else under a heading of its own */
  readonly more?: { readonly heading: string; readonly text: string };
}

/** A command that throws instead of ending the process, and whose help ends with its examples and JSON shape. */
export function createCommand(io: Io, name: string, { description, examples, json, more }: CommandText): Command {
  const blocks = [
    ...(json === undefined ? [] : [{ heading: 'JSON', text: json }]),
    ...(more === undefined ? [] : [more]),
    { heading: examples.length > 1 ? 'Examples' : 'Example', text: examples.map((line) => `$ tokenroof ${line}`).join('\n') },
  ];
  return new Command(`tokenroof ${name}`)
    .description(description)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: () => undefined })
    .helpOption('-h, --help', 'this text')
    .addHelpText('after', blocks.map(({ heading, text }) => `\n${heading}:\n${text.replace(/^/gm, '  ')}`).join('\n'));
}

/** A command that has others below it: `tokenroof disaggregate simulate`. */
export function createGroup(io: Io, name: string, text: CommandText, actions: readonly Command[]): Command {
  const group = createCommand(io, name, text).helpCommand(false);
  // its name is the last word: those before it are the group's
  for (const action of actions) group.addCommand(action.name(action.name().split(' ').at(-1) as string));
  return group;
}

export const formatOption = (place: string): Option => chosen(place, '--format <format>', 'how to print', FORMATS).default('table');

/** An option that takes one of some names; the error lists the nearest. */
export const chosen = (place: string, flags: string, description: string, choices: readonly string[]): Option => {
  const option = new Option(flags, description).choices(choices);
  return option.argParser(choice(place, option.name(), choices));
};

/** An option that takes names separated by commas, and may be given more than once. */
export const listed = (place: string, flags: string, description: string): Option => {
  const option = new Option(flags, description);
  return option.argParser(names(place, option.name()));
};

/** An option that takes some of a few names, each once. */
export const listedOf = (place: string, flags: string, choices: readonly string[], description: string): Option => {
  const option = new Option(flags, description);
  const field = option.name();
  return option.argParser((text: string, before: readonly string[] | undefined) => distinct(place, field, names(place, field)(text, before)).map(choice(place, field, choices)));
};

/** A model from a config file; may be given more than once. */
export const configOption = (): Option =>
  new Option('--config <path>', 'a Hugging Face config.json, or a folder that holds one, as a model').argParser((path: string, before: readonly string[] = []) => [...before, path]);

/** Keys of the configs that are known to be harmless. */
export const ignoreOption = (place: string): Option => listed(place, '--ignore <keys>', 'keys of the configs that are known to change no count');

export const overrideOption = (): Option => new Option('--override <file>', 'JSON file that changes models, chips or prices, or adds some (see tokenroof cost --help)');
