import { InputError } from '../../io/input-error.ts';

const DEEPEST = 32;
const TOKEN = /[[\]{}:,]|"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b/uy;

/**
 * The value of a JSON text, told in line and column what is wrong with it. Stricter than `JSON.parse`: a key must not be
 * given twice, a number must be finite, and nothing nests deeper than 32.
 * @throws InputError `override: file <path> line <line>, column <column> <found> <rule>`
 */
export function parseStrictJson(text: string, path: string): unknown {
  let at = 0;
  const fail = (rule: string, position = at): never => {
    const lines = text.slice(0, position).split('\n');
    const found = /"[^"\n]*"?|[\w.+-]+|./uy;
    found.lastIndex = position;
    const seen = found.exec(text)?.[0] ?? 'end of file';
    throw new InputError(`override: file ${path} line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1} ${seen.slice(0, 40)} ${rule}`);
  };
  const peek = (): string => {
    while (/[ \t\n\r]/.test(text[at] ?? '')) at++;
    TOKEN.lastIndex = at;
    return TOKEN.exec(text)?.[0] ?? '';
  };
  const take = (...allowed: readonly string[]): string => {
    const token = peek();
    if (!allowed.includes(token)) fail(`is not ${allowed.join(' or ')}`);
    at += token.length;
    return token;
  };
  const value = (depth: number): unknown => {
    const token = peek();
    if (depth > DEEPEST) fail(`nests deeper than ${DEEPEST}`);
    if (token === '{') return object(depth);
    if (token === '[') return array(depth);
    if (token === '' || /^[\]}:,]/.test(token)) fail('is not a JSON value');
    const scalar: unknown = JSON.parse(token);
    if (scalar === Number.POSITIVE_INFINITY || scalar === Number.NEGATIVE_INFINITY) fail('is not a finite number');
    at += token.length;
    return scalar;
  };
  const object = (depth: number): object => {
    const entries = new Map<string, unknown>();
    take('{');
    if (peek() === '}') take('}');
    else
      do {
        const token = peek();
        if (!token.startsWith('"')) fail('is not a key in double quotes');
        const key = JSON.parse(token) as string;
        if (entries.has(key)) fail('is given twice');
        at += token.length;
        take(':');
        entries.set(key, value(depth + 1));
      } while (take(',', '}') === ',');
    return Object.fromEntries(entries);
  };
  const array = (depth: number): readonly unknown[] => {
    const items: unknown[] = [];
    take('[');
    if (peek() === ']') take(']');
    else
      do items.push(value(depth + 1));
      while (take(',', ']') === ',');
    return items;
  };
  const result = value(1);
  if (peek() !== '' || at < text.length) fail('comes after the end of the JSON value');
  return result;
}
