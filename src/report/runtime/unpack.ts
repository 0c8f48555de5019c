/// <reference lib="dom" />
import type { PageData } from '../page-data.ts';

/** The data that `packData` packed. */
export async function unpack(text: string): Promise<PageData> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text());
}
