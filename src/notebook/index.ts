// Notebooks: show charts and tables in one, run one without Jupyter, read and write the file, register the kernel.
export { mimeBundle, type Showable, type ShowOptions, show } from './display.ts';
export { installKernel, type KernelInstall, type KernelInstallOptions, type KernelPlace } from './kernel-install.ts';
export {
  type Cell,
  type CodeCell,
  cleanNotebook,
  code,
  markdown,
  type Notebook,
  notebook,
  type Output,
  parseNotebook,
  readNotebook,
  serialiseNotebook,
  type TextCell,
  writeNotebook,
} from './notebook-file.ts';
export { type CellRun, NotebookFailure, type NotebookOptions, type NotebookRun, runNotebook } from './runner.ts';
export type { ArqueroTable, Rows } from './table-view.ts';
