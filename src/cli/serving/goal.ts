import { type Command, Option } from 'commander';
import { InputError } from '../../io/input-error.ts';
import { CRITERIA, type Criterion, type Goal, type Slo } from '../../serving/disaggregation/attainment.ts';
import { chosen } from '../command.ts';
import { shareOf, whole } from '../input/numbers.ts';
import { pairs } from '../input/pairs.ts';

export interface GoalOptions {
  readonly slo: Slo;
  readonly attainment: number;
  readonly criterion: Criterion;
  readonly warmup: number;
}

/** `ttft=0.25,tpot=0.1`, seconds. */
const sloOf =
  (place: string) =>
  (text: string): Slo => {
    const given = pairs(place, 'slo', ['ttft', 'tpot'], 'ttft=0.25,tpot=0.1')(text);
    const seconds = (name: 'ttft' | 'tpot'): number => {
      const value = given[name];
      if (value === undefined) throw new InputError(`${place}: slo ${name} is missing, such as ttft=0.25,tpot=0.1`);
      const number = /^(\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : 0;
      if (!(number > 0 && number <= 86_400)) throw new InputError(`${place}: slo ${name} ${value} is not a number of seconds above 0`);
      return number;
    };
    return { ttft: seconds('ttft'), tpot: seconds('tpot') };
  };

/** @param otherwise the objective unless given, as it is written: `ttft=0.25,tpot=0.1` */
export const sloOption = (place: string, otherwise: string): Option =>
  new Option('--slo <seconds>', 'longest time to first token, and per output token after it: ttft=0.25,tpot=0.1').argParser(sloOf(place)).default(sloOf(place)(otherwise), otherwise);

/** Adds the options that say what has to be reached. */
export const withGoal = (place: string, otherwise: string, command: Command): Command =>
  command
    .addOption(sloOption(place, otherwise))
    .addOption(new Option('--attainment <share>', 'share of the requests that have to keep it').argParser(shareOf(place, 'attainment')).default(0.9))
    .addOption(chosen(place, '--criterion <kind>', 'joint: a share keeps both times; separate: a share keeps each', CRITERIA).default('joint'))
    .addOption(new Option('--warmup <requests>', 'first requests of a run that do not count').argParser(whole(place, 'warmup', 999_999)).default(0));

export const goalOf = ({ slo, attainment, criterion, warmup }: GoalOptions): Goal => ({ slo, share: attainment, criterion, warmup });
