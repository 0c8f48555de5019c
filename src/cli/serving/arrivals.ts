import { Option } from 'commander';
import { InputError } from '../../io/input-error.ts';
import type { Arrivals } from '../../serving/engine/arrivals.ts';
import { positive, whole } from '../input/numbers.ts';

const arrivalsOf =
  (place: string) =>
  (text: string): Arrivals => {
    const [, cv] = /^gamma:(\d+(?:\.\d+)?)$/.exec(text) ?? [];
    if (text === 'poisson' || text === 'fixed') return { kind: text };
    if (cv === undefined || !(Number(cv) >= 0.01 && Number(cv) <= 100)) throw new InputError(`${place}: arrivals ${text || '""'} is not poisson, fixed or gamma:<cv> with a cv from 0.01 to 100`);
    return { kind: 'gamma', cv: Number(cv) };
  };

export const arrivalsOption = (place: string): Option => new Option('--arrivals <kind>', 'poisson, fixed, or gamma:<cv> in bursts (default: poisson)').argParser(arrivalsOf(place));

export const seedOption = (place: string): Option =>
  new Option('--seed <number>', "seed of arrivals and lengths; Poisson arrivals of a seed are numpy's (default: 0)").argParser(whole(place, 'seed', 999_999));

export const rateOption = (place: string): Option => new Option('--rate <number>', 'requests per second (default: 1)').argParser(positive(place, 'rate'));
