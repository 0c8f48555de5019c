import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { InputError, readText, writeAtomic } from '../io/index.ts';
import { findTslab } from './find-tslab.ts';
import { NODE_FLAGS } from './kernel.ts';
import { KERNEL } from './notebook-file.ts';

/** Where Jupyter should find the kernel: for this user, for one Python environment, or for one project folder. */
export type KernelPlace = { readonly kind: 'user' } | { readonly kind: 'prefix'; readonly folder: string } | { readonly kind: 'project'; readonly folder: string };

export interface KernelInstallOptions {
  readonly place: KernelPlace;
  /** folder from which tslab is looked up (default: the project folder, else the working directory) */
  readonly from?: string;
  /** name of the kernel (default tslab, which the notebooks name) */
  readonly name?: string;
  readonly dryRun?: boolean;
  /** replace a kernel of that name that somebody else installed */
  readonly force?: boolean;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface KernelInstall {
  readonly file: string;
  readonly content: string;
  readonly outcome: 'written' | 'unchanged' | 'dry run';
  /** the command that opens the notebooks with it */
  readonly open: string;
}

/**
 * Registers the TypeScript kernel with Jupyter: writes one `kernel.json`, whole or not at all. Of a project folder the
 * file can be committed: it names tslab relative to itself.
 * @throws InputError when tslab is missing, the folder cannot be written or the name belongs to another kernel
 */
export async function installKernel({ place, from, name = KERNEL.name, dryRun = false, force = false, environment = process.env }: KernelInstallOptions): Promise<KernelInstall> {
  if (!/^[\w.-]+$/.test(name)) throw new InputError(`kernel: name ${name} is not letters, digits, dots, - and _`);
  const data = place.kind === 'user' ? userData(environment) : place.kind === 'prefix' ? join(resolve(place.folder), 'share', 'jupyter') : join(resolve(place.folder), 'jupyter');
  const folder = join(data, 'kernels', name);
  const file = join(folder, 'kernel.json');
  const tslab = join(findTslab(from ?? (place.kind === 'project' ? place.folder : process.cwd())), 'bin', 'tslab');
  const [node, script] = place.kind === 'project' ? ['node', `{resource_dir}/${relative(folder, tslab).replaceAll('\\', '/')}`] : [process.execPath, tslab];
  const spec = { argv: [node, ...NODE_FLAGS, script, 'kernel', '--config-path', '{connection_file}'], display_name: KERNEL.display_name, language: KERNEL.language };
  const content = `${JSON.stringify(spec, null, 2)}\n`;
  const open = `${place.kind === 'project' ? `JUPYTER_PATH=${data} ` : ''}jupyter lab notebooks`;

  const present = existsSync(file) ? await readText(file, 'kernel') : null;
  if (present === content) return { file, content, outcome: 'unchanged', open };
  if (present !== null && !force && !present.includes(KERNEL.display_name)) throw new InputError(`kernel: file ${file} is of another kernel, choose another name or force it`);
  if (!dryRun) await writeAtomic(file, content, 'kernel');
  return { file, content, outcome: dryRun ? 'dry run' : 'written', open };
}

/** Jupyter's folder of this user, as Jupyter itself finds it. */
function userData({ JUPYTER_DATA_DIR: own, XDG_DATA_HOME: shared, APPDATA: windows, HOME: home = homedir() }: Readonly<Record<string, string | undefined>>): string {
  if (own) return own;
  if (process.platform === 'darwin') return join(home, 'Library', 'Jupyter');
  if (process.platform === 'win32' && windows) return join(windows, 'jupyter');
  return join(shared || join(home, '.local', 'share'), 'jupyter');
}
