// The only room that touches the disk; imported by report, notebook and cli.
export { fileError, InputError, systemCode } from './input-error.ts';
export { packageRoot } from './package-root.ts';
export { parseJson, readJson, readText } from './read.ts';
export { writeAtomic, writeJson } from './write.ts';
