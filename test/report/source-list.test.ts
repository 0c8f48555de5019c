import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/provenance/source.ts';
import { listSources } from '../../src/report/source-list.ts';

const SOURCES: readonly Source[] = [
  { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'Table 4' },
  { kind: 'assumed', because: 'the paper names no seller' },
  { kind: 'datasheet', title: 'H20 datasheet', url: 'javascript:alert(1)', read: '2026-11-01' },
  { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'Table 5' },
  { kind: 'config', repo: 'stepfun-ai/step3', file: 'config.json', key: 'hidden_size' },
];

describe('listSources', () => {
  const { entries, refer } = listSources(SOURCES, new Map([['arXiv:2507.19427v1', 'Step-3 is Large yet Affordable']]));

  it('names a document once, in the order of first use', () => {
    expect(entries.map(({ number, text }) => [number, text])).toEqual([
      [1, 'Step-3 is Large yet Affordable, arXiv:2507.19427v1'],
      [2, 'H20 datasheet, read 2026-11-01'],
      [3, 'stepfun-ai/step3, config.json'],
    ]);
  });

  it('links papers and web pages, nothing else', () => {
    expect(entries.map(({ url }) => url)).toEqual(['https://arxiv.org/abs/2507.19427v1', '', '']);
  });

  it('refers to the place in a document, or gives the reason where there is none', () => {
    expect(SOURCES.map(refer)).toEqual([
      { number: 1, locator: 'Table 4' },
      { number: 0, locator: 'the paper names no seller' },
      { number: 2, locator: '' },
      { number: 1, locator: 'Table 5' },
      { number: 3, locator: 'hidden_size' },
    ]);
  });
});
