/** JSON for what was asked of one thing or of several: an object for one, an array for more. */
export const oneOrMany = <T>(rows: readonly T[]): T | readonly T[] => (rows.length === 1 ? (rows[0] as T) : rows);
