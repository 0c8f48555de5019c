import { LARGEST_SIZE } from '../../layers/checks.ts';
import type { Source } from '../../provenance/source.ts';
import { from, type Sourced } from '../../provenance/sourced.ts';
import { nearest } from '../../units/nearest.ts';
import { isHarmless } from './harmless.ts';

/** No model has a list or a stack of layers near this long. */
const MOST_ENTRIES = 4096;

/** A key longer than this is not compared with those that are understood. */
const LONGEST_KEY = 100;

/** What a family's class takes where a key is absent. */
export interface Fallback<T> {
  readonly otherwise: T;
  /** why, for the source of the value: `class default`, `num_attention_heads` */
  readonly because: string;
  /** whether it goes without saying */
  readonly quiet?: boolean;
}

/** Where a config comes from, for sources: `repo file`. */
export interface Origin {
  readonly repo: string;
  readonly file: string;
}

/** What was found out about the keys of a config while it was read. */
export interface KeyLog {
  /** keys that were absent, with what was taken instead */
  readonly defaults: string[];
  /** keys that change no count, as far as is known here */
  readonly ignored: string[];
  readonly notes: string[];
}

/**
 * The keys of one object of a config. Each getter marks its key as understood, checks it, and gives the value with its source; what
 * no getter has asked for is refused by `finish`. A key whose value is null counts as absent.
 * Errors are RangeErrors `config <family>: <key> <value> <rule>`.
 */
export class Keys {
  readonly family: string;
  readonly log: KeyLog;
  private readonly fields: Readonly<Record<string, unknown>>;
  private readonly path: string;
  private readonly origin: Origin;
  private readonly ignored: ReadonlySet<string>;
  private superseded = false;
  private readonly used = new Set<string>();
  private readonly nested = new Map<string, Keys>();

  constructor(fields: Readonly<Record<string, unknown>>, family: string, origin: Origin, log: KeyLog, ignored: ReadonlySet<string>, path = '') {
    this.fields = fields;
    this.family = family;
    this.origin = origin;
    this.log = log;
    this.ignored = ignored;
    this.path = path;
  }

  /** Whether a key has a value. */
  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  /** A positive integer. */
  size(key: string, fallback?: Fallback<number>, largest = LARGEST_SIZE): Sourced<number> {
    return this.read(key, fallback, (value) => this.integer(key, value, 1, largest));
  }

  /** A positive integer, or undefined where the key is absent. */
  optionalSize(key: string): Sourced<number> | undefined {
    this.used.add(key);
    return this.has(key) ? this.size(key) : undefined;
  }

  /** A positive integer, or undefined where the key says null; it must be there, since what its absence means differs from null. */
  sizeOrNull(key: string): Sourced<number> | undefined {
    this.used.add(key);
    if (!Object.hasOwn(this.fields, key)) return this.fail(key, undefined, 'is missing; null says that there is none');
    return this.has(key) ? this.size(key) : undefined;
  }

  /** An integer of at least 0. */
  count(key: string, fallback?: Fallback<number>): Sourced<number> {
    return this.read(key, fallback, (value) => this.integer(key, value, 0, LARGEST_SIZE));
  }

  flag(key: string, fallback?: Fallback<boolean>): Sourced<boolean> {
    return this.read(key, fallback, (value) => (typeof value === 'boolean' ? value : this.fail(key, value, 'is not true or false')));
  }

  text(key: string, fallback?: Fallback<string>): Sourced<string> {
    return this.read(key, fallback, (value) => (typeof value === 'string' ? value : this.fail(key, value, 'is not a text')));
  }

  /** One of some words. */
  choice<T extends string>(key: string, choices: readonly T[], fallback?: Fallback<T>): Sourced<T> {
    return this.read(key, fallback, (value) => choices.find((choice) => choice === value) ?? this.fail(key, value, `is not one of ${choices.join(', ')}`));
  }

  /** A list of exactly `length` entries (any up to 4096 without it), each checked; undefined where the key is absent. */
  list<T>(key: string, length: number | null, entry: (value: unknown, fail: (rule: string) => never) => T): readonly T[] | undefined {
    this.used.add(key);
    const value = this.raw(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.fail(key, value, 'is not a list');
    if (length !== null && value.length !== length) return this.fail(key, `of ${value.length} entries`, `does not have ${length}`);
    if (value.length > MOST_ENTRIES) return this.fail(key, `of ${value.length} entries`, `has more than ${MOST_ENTRIES}`);
    return value.map((item: unknown, index) => entry(item, (rule) => this.fail(`${key}[${index}]`, item, rule)));
  }

  /** A list of words, each one of `choices`. */
  words<T extends string>(key: string, length: number | null, choices: readonly T[]): readonly T[] | undefined {
    return this.list(key, length, (value, fail) => choices.find((choice) => choice === value) ?? fail(`is not one of ${choices.join(', ')}`));
  }

  /** A list of integers of at least 0. */
  integers(key: string, length: number | null): readonly number[] | undefined {
    return this.list(key, length, (value, fail) => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : fail('is not an integer of at least 0')));
  }

  /** Refuses a key whose value is none of those for which the family is understood; an absent key passes. `undefined` stands for absent or null. */
  only(key: string, allowed: readonly (string | number | boolean)[], because: string): void {
    this.used.add(key);
    const value = this.raw(key);
    if (value !== undefined && !allowed.some((each) => each === value)) this.fail(key, value, because);
  }

  /** The number of layers. */
  layers(key = 'num_hidden_layers', fallback?: Fallback<number>): Sourced<number> {
    return this.size(key, fallback, MOST_ENTRIES);
  }

  /** Marks keys as understood that change no count by themselves. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.used.add(key);
  }

  /** Marks every key, here and below, as understood: something else says the same. */
  ignoreAll(): void {
    this.superseded = true;
  }

  /** A nested object, the same one each time, or undefined where the key is absent. */
  section(key: string): Keys | undefined {
    this.used.add(key);
    const known = this.nested.get(key);
    if (known) return known;
    const value = this.raw(key);
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.fail(key, value, 'is not an object');
    const section = new Keys(value as Record<string, unknown>, this.family, this.origin, this.log, this.ignored, `${this.path}${key}.`);
    this.nested.set(key, section);
    return section;
  }

  /** A list of exactly `length` nested objects that must be there. */
  sections(key: string, length: number): readonly Keys[] {
    const entries = this.list(key, length, (value, fail) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : fail('is not an object')));
    if (entries === undefined) return this.fail(key, undefined, 'is missing');
    return entries.map((fields, index) => {
      const name = `${key}[${index}]`;
      const section = new Keys(fields, this.family, this.origin, this.log, this.ignored, `${this.path}${name}.`);
      this.nested.set(name, section);
      return section;
    });
  }

  /** A nested object that must be there. */
  required(key: string): Keys {
    return this.section(key) ?? this.fail(key, undefined, 'is missing');
  }

  /** The value of a key as it is, marked as understood. */
  take(key: string): unknown {
    this.used.add(key);
    return this.raw(key);
  }

  /** The names of all keys that have a value. */
  names(): readonly string[] {
    return Object.keys(this.fields).filter((key) => this.has(key));
  }

  /** A value that follows from keys: `derived('hidden_size / num_attention_heads')(128)`. */
  derived(how: string): <const T>(value: T, note?: string) => Sourced<T> {
    return from({ kind: 'derived', from: `${how}, of ${this.origin.repo} ${this.origin.file}` });
  }

  /** @throws RangeError `config <family>: <key> <value> <rule>` */
  fail(key: string, value: unknown, rule: string): never {
    throw new RangeError(`config ${this.family}: ${printable(`${this.path}${key}`)} ${shown(value)} ${rule}`);
  }

  /** Refuses the first key, here or in a section, that nobody asked for and that is not known to be harmless. */
  finish(): void {
    if (this.superseded) return;
    for (const key of Object.keys(this.fields)) {
      if (this.used.has(key)) continue;
      const name = `${this.path}${key}`;
      const value = this.raw(key);
      if (value === undefined || isHarmless(key, value) || this.isIgnored(key)) this.log.ignored.push(name);
      else {
        const alike = key.length > LONGEST_KEY ? '' : nearest(key, [...this.used], 1).join('');
        this.fail(key, value, `is not understood and may change the arithmetic${alike === '' ? '' : ` (nearest understood: ${alike})`}; if it does not, it can be ignored by name`);
      }
    }
    for (const section of this.nested.values()) section.finish();
  }

  /** Whether a key is there and says null. */
  isNull(key: string): boolean {
    return Object.hasOwn(this.fields, key) && this.fields[key] === null;
  }

  /** Whether whoever reads the config has said that a key changes no count. */
  isIgnored(key: string): boolean {
    return this.ignored.has(key) || this.ignored.has(`${this.path}${key}`);
  }

  private raw(key: string): unknown {
    const value = Object.hasOwn(this.fields, key) ? this.fields[key] : undefined;
    return value === null ? undefined : value;
  }

  private integer(key: string, value: unknown, least: number, largest: number): number {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) return this.fail(key, value, least === 1 ? 'is not a positive integer' : `is not an integer of at least ${least}`);
    return value > largest ? this.fail(key, value, `is more than ${largest}`) : value;
  }

  private read<T>(key: string, fallback: Fallback<T> | undefined, check: (value: unknown) => T): Sourced<T> {
    this.used.add(key);
    const value = this.raw(key);
    if (value !== undefined) return { value: check(value), source: this.stated(key) };
    if (fallback === undefined) return this.fail(key, undefined, 'is missing');
    if (!fallback.quiet) this.log.defaults.push(`${this.path}${key} = ${String(fallback.otherwise)} (${fallback.because})`);
    return { value: fallback.otherwise, source: { kind: 'derived', from: `${fallback.because}; key ${this.path}${key} is absent from ${this.origin.repo} ${this.origin.file}` } };
  }

  private stated(key: string): Source {
    return { kind: 'config', repo: this.origin.repo, file: this.origin.file, key: `${this.path}${key}` };
  }
}

/** A key as it can stand in one line: as it is where it is a plain name, else in quotes, short. */
const printable = (key: string): string => (/^[\w.[\]-]{1,100}$/.test(key) ? key : shown(key));

/** A value on one line, short. */
function shown(value: unknown): string {
  if (value === undefined) return '(absent)';
  if (typeof value === 'string' && /^of \d+ entries$/.test(value)) return value;
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = String(value);
  }
  text = text.replace(/[\u0085\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
