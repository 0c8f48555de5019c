import { join } from 'node:path';
import { packageRoot } from '../io/package-root.ts';
import { readJson } from '../io/read.ts';

/** The version of this package, from its package.json. */
export async function readVersion(): Promise<string> {
  const { version } = (await readJson(join(packageRoot(), 'package.json'), 'version')) as { readonly version: string };
  return version;
}
