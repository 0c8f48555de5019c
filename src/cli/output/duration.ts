import { significant } from '../../units/format.ts';

/** A time with the unit in which it reads best. */
export const duration = (seconds: number): string => (seconds >= 1 ? `${significant(seconds, 4)} s` : seconds >= 1e-3 ? `${significant(1e3 * seconds, 4)} ms` : `${significant(1e6 * seconds, 4)} us`);
