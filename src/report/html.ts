import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import handlebars from 'handlebars';
import type { Json } from '../chart/spec.ts';
import type { PageData } from './page-data.ts';

/** Template files by name without extension; `page` is the whole, all others are partials. */
export type Templates = Readonly<Record<string, string>>;

/**
 * Compiles the templates into a function from context to page. A name that a context lacks is an error, all slots escape
 * but those that begin with `unsafe`.
 */
export function compilePage(templates: Templates): (context: object) => string {
  const environment = handlebars.create();
  for (const [name, text] of Object.entries(templates)) {
    const raw = [...text.matchAll(/\{\{(?:\{|&)\s*(?!unsafe)(\S+?)\s*\}/g)].map(([, slot]) => slot);
    if (raw.length > 0) throw new RangeError(`template: ${name} ${raw[0]} is a raw slot whose name does not begin with unsafe`);
    environment.registerPartial(name, text.trimEnd());
  }
  return environment.compile('{{> page}}', { strict: true, preventIndent: true, noEscape: false });
}

/** JSON that can stand inside a script element. */
export const inlineJson = (value: Json | object): string =>
  JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');

/** Data for the script of a page, a tenth of its size as JSON: deflated, in base64. `unpack` in `runtime/` reads it. */
export const packData = (data: PageData): string => deflateRawSync(JSON.stringify(data), { level: 9 }).toString('base64');

/** The policy of a page with one inline script: nothing from outside, no other script, no eval. */
export function contentPolicy(script: string): string {
  const hash = createHash('sha256').update(script, 'utf8').digest('base64');
  return `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'`;
}
