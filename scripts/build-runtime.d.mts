import type { Metafile } from 'esbuild';

export function buildRuntime(options?: { readonly outdir?: string }): Promise<{ readonly text: string; readonly metafile: Metafile }>;
