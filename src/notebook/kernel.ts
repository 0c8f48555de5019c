import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as ZeroMq from 'zeromq';
import { writeJson } from '../io/index.ts';
import { decode, encode, type Message, request } from './message.ts';
import { OutputLog } from './output-log.ts';

/** What one cell did: the kernel's verdict, its number, and the log, which grows while un-awaited work still writes. */
export interface Execution {
  readonly ok: boolean;
  readonly count: number | null;
  readonly log: OutputLog;
}

/** A running TypeScript kernel. */
export interface Kernel {
  /**
   * Runs one cell to its end.
   * @throws Error `kernel: ...` when the kernel dies or the cell does not end in time
   */
  readonly execute: (code: string, timeoutSeconds: number) => Promise<Execution>;
  readonly close: () => Promise<void>;
}

/** How node starts tslab: without the warning that it prints for `require()` of an ES module. */
export const NODE_FLAGS = ['--disable-warning=ExperimentalWarning'] as const;

const START_SECONDS = 60;
const PING_SECONDS = 0.1;

interface Exchange {
  readonly log: OutputLog;
  readonly done: (reply: Message) => void;
  reply?: Message;
  idle?: true;
}

/**
 * Starts the tslab of package folder `tslab` with `folder` as its working directory, and talks to it with tslab's own
 * ZeroMQ over local sockets in a private folder: no Python, no network ports.
 */
export async function startKernel(tslab: string, folder: string): Promise<Kernel> {
  const zmq: typeof ZeroMq = createRequire(join(tslab, 'package.json'))('zeromq');
  const home = await mkdtemp(join(tmpdir(), 'tr-'));
  const address = join(home, 'k');
  const key = randomBytes(32).toString('hex');
  const session = randomUUID();
  const config = join(home, 'connection.json');
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
  await writeJson(config, { ...ports, ip: address, key, transport: 'ipc', signature_scheme: 'hmac-sha256', kernel_name: 'tslab' });

  const child = spawn(process.execPath, [...NODE_FLAGS, join(tslab, 'bin', 'tslab'), 'kernel', '--config-path', config], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const died = death(child);
  const shell = new zmq.Dealer({ linger: 0 });
  const iopub = new zmq.Subscriber({ linger: 0 });
  const exchanges = new Map<string, Exchange>();
  const listen = async (socket: AsyncIterable<Uint8Array[]>) => {
    for await (const frames of socket) {
      const message = decode(frames, key);
      const exchange = exchanges.get(message.parent);
      if (exchange === undefined) continue;
      if (message.type.endsWith('_reply')) exchange.reply = message;
      else if (message.type === 'status' && message.content.execution_state === 'idle') exchange.idle = true;
      else exchange.log.add(message);
      if (exchange.reply && exchange.idle) exchange.done(exchange.reply);
    }
  };
  shell.connect(`ipc://${address}:${ports.shell_port}`);
  iopub.connect(`ipc://${address}:${ports.iopub_port}`);
  iopub.subscribe();
  const broken = Promise.all([listen(shell), listen(iopub)]).then(() => died);
  broken.catch(() => undefined);

  const ask = async (message: Message, seconds: number): Promise<{ reply: Message; log: OutputLog } | null> => {
    const log = new OutputLog();
    const answer = new Promise<Message>((done) => exchanges.set(message.id, { log, done }));
    await shell.send(encode(message, key, session));
    const reply = await within(seconds, Promise.race([answer, died, broken]));
    return reply && { reply, log };
  };

  const abandon = (signal?: NodeJS.Signals | number) => {
    child.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
    if (typeof signal === 'string') process.kill(process.pid, signal);
  };
  const endings = ['exit', 'SIGINT', 'SIGTERM'] as const;
  for (const ending of endings) process.once(ending, abandon);

  const close = async () => {
    for (const ending of endings) process.off(ending, abandon);
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
    abandon();
    await gone;
    shell.close();
    iopub.close();
  };

  try {
    for (let waited = 0; (await ask(request('kernel_info_request'), PING_SECONDS)) === null; waited += PING_SECONDS) {
      if (waited > START_SECONDS) throw new Error(`kernel: start is not done in ${START_SECONDS} s`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    execute: async (code, timeoutSeconds) => {
      const answer = await ask(request('execute_request', { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true }), timeoutSeconds);
      if (answer === null) throw new Error(`kernel: cell does not end in ${timeoutSeconds} s`);
      const { status, execution_count: count } = answer.reply.content;
      return { ok: status === 'ok', count: typeof count === 'number' ? count : null, log: answer.log };
    },
  };
}

/** Rejects when the process ends, with the last that it said. */
function death(child: ChildProcess): Promise<never> {
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = `${complaints}${chunk}`.slice(-1000);
  });
  const died = new Promise<never>((_resolve, reject) => {
    child.once('error', (error) => reject(new Error(`kernel: process cannot be started (${error.message})`, { cause: error })));
    child.once('close', (code, signal) => reject(new Error(`kernel: process ended with ${signal ?? `exit code ${code}`}${complaints && `: ${complaints.replace(/\s+/g, ' ').trim()}`}`)));
  });
  died.catch(() => undefined);
  return died;
}

/** The value of a promise, or null when it takes longer. */
async function within<T>(seconds: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000, null);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
