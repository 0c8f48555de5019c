import { InputError } from '../../io/input-error.ts';
import { COUNTING_SWITCHES, type Counting, exactCounting, step3Counting } from '../../layers/counting.ts';
import { choice, distinct } from './names.ts';

const PRESETS = { step3: step3Counting, exact: exactCounting } as const;
const isPreset = (name: string): name is keyof typeof PRESETS => Object.hasOwn(PRESETS, name);

/** How `--counting` is written, for help texts. */
export const COUNTING_HELP = `step3 or exact, then switches to turn on (+) or off (-): exact-head, step3+router+head; or only switches, the others off: router,head; switches: ${COUNTING_SWITCHES.join(', ')}`;

/**
 * How to count, from text:
 *   counting = [preset] { separator switch }      preset = "step3" | "exact"      separator = "," | "+" | "-"
 * A switch is turned on, after `-` off; without a preset the others are off, as in step3.
 * @throws InputError for an unknown name, a switch given twice, and one that is already as asked
 */
export const countingOf =
  (place: string) =>
  (text: string): Counting => {
    const [first = '', ...rest] = text.split(/,|(?=[+-])/);
    const preset = isPreset(first) ? first : 'step3';
    const steps = isPreset(first) ? rest : [first, ...rest];
    const changes = steps.map((step) => {
      const named = step.replace(/^[+-]/, '').trim();
      const known = step === first ? [...Object.keys(PRESETS), ...COUNTING_SWITCHES] : COUNTING_SWITCHES;
      return [choice(place, 'counting', known)(named), !step.startsWith('-')] as const;
    });
    distinct(
      place,
      'counting',
      changes.map(([name]) => name),
    );
    const start: Readonly<Record<string, boolean>> = { ...PRESETS[preset] };
    for (const [name, on] of changes) if (start[name] === on) throw new InputError(`${place}: counting ${text} turns ${name} ${on ? 'on' : 'off'}, which ${preset} does already`);
    return { ...PRESETS[preset], ...Object.fromEntries(changes) };
  };
