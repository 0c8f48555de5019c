// The only room that touches the disk and other programs; imported by report, notebook, sweep and cli.
export { type ChildOptions, type ChildResult, runChild } from './child.ts';
export { fileError, InputError, systemCode } from './input-error.ts';
export { packageRoot } from './package-root.ts';
export { parseJson, readJson, readText } from './read.ts';
export { writeAtomic, writeJson } from './write.ts';
