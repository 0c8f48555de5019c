import { spawn } from 'node:child_process';
import { InputError, systemCode } from '../../src/io/input-error.ts';

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** the child is killed after this many seconds; no limit without it */
  readonly timeoutSeconds?: number;
}

export interface ChildResult {
  /** exit status, null when a signal ended the child */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program without a shell and gives back what it wrote, whatever its exit status.
 * @throws InputError when the program is missing; Error when it runs past its time
 */
export function runChild(command: string, args: readonly string[], options: ChildOptions = {}): Promise<ChildResult> {
  const { cwd, env, input = '', timeoutSeconds } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...(cwd === undefined ? {} : { cwd }), env: { ...process.env, ...env }, stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let late = false;
    const timer =
      timeoutSeconds === undefined
        ? undefined
        : setTimeout(() => {
            late = true;
            child.kill('SIGKILL');
          }, timeoutSeconds * 1000);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new InputError(`child: program ${command} ${systemCode(error) === 'ENOENT' ? 'is not installed' : `cannot be started (${error.message})`}`, { cause: error }));
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      if (late) reject(new Error(`child: program ${command} does not end in ${timeoutSeconds} s`));
      else resolve({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}
