import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of this package (the one with package.json), for files that ship beside the code: `templates`, `notebooks`,
 * `dist`. The same from the sources and from a bundle.
 */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`package-root: file package.json is not above ${fileURLToPath(import.meta.url)}`);
    folder = parent;
  }
  return folder;
}
