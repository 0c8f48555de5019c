import { fits, type MemoryNeed } from './memory-need.ts';

/** Amounts as the reasons for a missing plan state them. */
export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
export const milliseconds = (seconds: number): string => `${(seconds * 1e3).toFixed(1)} ms`;
export const excess = (value: number, limit: number): string => {
  const percent = (100 * (value / limit - 1)).toFixed(0);
  return `${percent === '0' ? 'less than 1' : percent} % too much`;
};

/** What a side of a plan lacks of memory, and by how much; null where both fit. */
export function memoryShortage({ attentionMemory, ffnMemory }: { readonly attentionMemory: MemoryNeed; readonly ffnMemory: MemoryNeed }): string | null {
  const lacking = Object.entries({ attention: attentionMemory, ffn: ffnMemory }).find(([, need]) => !fits(need));
  if (lacking === undefined) return null;
  const [side, { bytes, usable }] = lacking;
  return `${side} memory: ${gigabytes(bytes)} of a chip, ${gigabytes(usable)} can be used: ${excess(bytes, usable)}`;
}
