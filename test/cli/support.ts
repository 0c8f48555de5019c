import { run } from '../../src/cli/run.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A command line run in this process. */
export async function cli(...argv: readonly string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await run(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

export async function json(...argv: readonly string[]): Promise<unknown> {
  const { code, out, err } = await cli(...argv, '--format', 'json');
  if (code !== 0) throw new Error(err);
  return JSON.parse(out);
}
