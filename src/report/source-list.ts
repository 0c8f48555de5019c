import type { Source } from '../provenance/source.ts';

/** A source as the page cites it: the document by its number in the list (0 where there is none), and where in it. */
export interface SourceReference {
  readonly number: number;
  readonly locator: string;
}

export interface SourceEntry {
  readonly number: number;
  readonly text: string;
  readonly url: string;
}

interface Located {
  readonly document: string;
  readonly url: string;
  readonly locator: string;
}

/** Takes a source apart into the document that the list names once and the place in it; an empty document where there is none to look up. */
function locate(source: Source): Located {
  switch (source.kind) {
    case 'paper':
      return { document: source.id, url: /^arXiv:/i.test(source.id) ? `https://arxiv.org/abs/${source.id.slice('arXiv:'.length)}` : '', locator: source.at };
    case 'datasheet':
      return { document: `${source.title}, read ${source.read}`, url: source.url ?? '', locator: '' };
    case 'repository':
      return { document: `${source.repo} at ${source.revision.slice(0, 12)}, read ${source.read}`, url: '', locator: source.file };
    case 'config':
      return { document: `${source.repo}, ${source.file}`, url: '', locator: source.key ?? '' };
    case 'measured':
      return { document: `Measurement: ${source.what}, ${source.date}`, url: '', locator: '' };
    case 'derived':
      return { document: '', url: '', locator: source.from };
    case 'assumed':
      return { document: '', url: '', locator: source.because };
  }
}

/** Numbers documents in the order in which they are first given; `titles` are those of papers by id. */
export function listSources(sources: readonly Source[], titles: ReadonlyMap<string, string>): { readonly entries: readonly SourceEntry[]; readonly refer: (source: Source) => SourceReference } {
  const entries = new Map<string, SourceEntry>();
  for (const { document, url } of sources.map(locate))
    if (document !== '' && !entries.has(document))
      entries.set(document, { number: entries.size + 1, text: titles.has(document) ? `${titles.get(document)}, ${document}` : document, url: /^https?:/.test(url) ? url : '' });
  const refer = (source: Source): SourceReference => {
    const { document, locator } = locate(source);
    return { number: entries.get(document)?.number ?? 0, locator };
  };
  return { entries: [...entries.values()], refer };
}
