import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { JsonObject } from '../chart/spec.ts';

/** Several forms of one thing by MIME type; the notebook shows the best that it knows. */
export type MimeBundle = JsonObject;

type Write = (message: { readonly data: MimeBundle; readonly metadata: JsonObject; readonly transient: JsonObject }, update: boolean) => void;

/**
 * Displays a bundle below the cell that runs, as one message of the kernel that this process is. Only the running
 * kernel's own tslab can do that, so it is looked up among the loaded modules, not imported: an import could find a second copy.
 * @returns false when this process is no kernel
 */
export function displayInKernel(data: MimeBundle): boolean {
  const write = runningKernel();
  write?.({ data, metadata: {}, transient: {} }, false);
  return write !== null;
}

function runningKernel(): Write | null {
  const { cache } = createRequire(join(process.cwd(), 'kernel.js'));
  for (const [file, module] of Object.entries(cache)) {
    if (!/[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(file)) continue;
    const write: unknown = module?.exports?.lastWriteDisplayData;
    if (typeof write === 'function') return write as Write;
  }
  return null;
}
