/** Something the user gave cannot be used: a missing file, broken JSON, an unwritable folder. One line, no stack is shown; exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** The code of a Node system error (`ENOENT`), or an empty string. */
export const systemCode = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '');

const RULES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'lies below something that is not a folder',
  EISDIR: 'is a folder',
  EACCES: 'is not allowed to this user',
  EPERM: 'is not allowed to this user',
  EROFS: 'lies on a read-only disk',
  ENOSPC: 'does not fit on the disk',
  ELOOP: 'is a link that leads to itself',
  ENAMETOOLONG: 'is too long for a name',
};

/** An `InputError` `<place>: <field> <value> <rule>` for a system error, the error itself as its cause. */
export const fileError = (place: string, field: string, path: string, error: unknown): InputError =>
  new InputError(`${place}: ${field} ${path} ${RULES[systemCode(error)] ?? `cannot be used (${systemCode(error) || String(error)})`}`, { cause: error });
