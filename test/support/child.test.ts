import { describe, expect, it } from 'vitest';
import { runChild } from './child.ts';

const node = (script: string) => ['-e', script];

describe('runChild', () => {
  it('gives both streams, the status and the input', async () => {
    const script = `process.stdin.on('data', (text) => { console.log('got ' + text); console.error(process.env.MARK); process.exitCode = 3; })`;
    expect(await runChild(process.execPath, node(script), { input: 'hello', env: { MARK: 'seen' } })).toEqual({ status: 3, stdout: 'got hello\n', stderr: 'seen\n' });
  });

  it('survives a child that does not read its input', async () => {
    expect(await runChild(process.execPath, node('process.exit(0)'), { input: 'x'.repeat(1_000_000) })).toMatchObject({ status: 0 });
  });

  it('refuses a program that is missing', async () => {
    await expect(runChild('no-such-program-here', [])).rejects.toThrow('child: program no-such-program-here is not installed');
  });

  it('ends a child that runs past its time', async () => {
    await expect(runChild(process.execPath, node('setInterval(() => {}, 1000)'), { timeoutSeconds: 0.3 })).rejects.toThrow(/does not end in 0.3 s$/);
  });
});
