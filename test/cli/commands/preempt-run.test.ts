import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { files } from '../disaggregate/support.ts';
import { printed, type Simulated, simulated } from '../preempt/support.ts';
import { cli } from '../support.ts';

const file = files();
const HEADER = 'conversation,arrival_s,prompt_len,output_len';
/** A load that needs swaps on every policy. */
const BUSY = ['--conversations', '150', '--pattern', 'markov'];
const ALL = ['--policies', 'vllm,groups,groups-reuse,fastswitch,recompute,cheaper'];
const withoutNotes = (rows: readonly Simulated[]) => rows.map(({ notes: _, ...row }) => row);
const of = (rows: readonly Simulated[], policy: Simulated['policy']): Simulated => rows.find((row) => row.policy === policy) as Simulated;

describe('preempt simulate', () => {
  it('has numbers that tie together', async () => {
    for (const row of await simulated(...BUSY, ...ALL)) {
      const { busy, stall, idle } = row.shares;
      expect(busy + stall + idle, row.policy).toBeCloseTo(1, 9);
      for (const swaps of [row.out, row.in]) {
        expect(swaps.blocksPerGroup).toBe(swaps.groups === 0 ? 0 : swaps.blocks / swaps.groups);
        expect(swaps.bytesPerSecond).toBe(swaps.seconds === 0 ? 0 : swaps.bytes / swaps.seconds);
        // all layers of whole blocks, keys and values apart: 64 pieces of 32 KiB
        expect([swaps.bytes, swaps.calls]).toEqual([swaps.blocks * 2 ** 21, swaps.groups * 64]);
      }
      for (const { mean: _, ...tails } of [row.ttft, row.tbt]) expect(Object.values(tails)).toEqual(Object.values(tails).toSorted((a, b) => a - b));
      expect(row.updates).toBe(Math.floor(row.iterations / 25));
      expect([row.conversations, row.turns]).toEqual([150, (await simulated('--conversations', '150', '--policies', 'recompute'))[0]?.turns]);
    }
  });

  it('is what each policy says: single blocks, groups, only what is new, beside iterations, no copies', async () => {
    const rows = await simulated(...BUSY, ...ALL);
    const [vllm, groups, reuse, fastswitch, recompute] = (['vllm', 'groups', 'groups-reuse', 'fastswitch', 'recompute'] as const).map((name) => of(rows, name)) as [
      Simulated,
      Simulated,
      Simulated,
      Simulated,
      Simulated,
    ];
    for (const { out, in: back } of [vllm, of(rows, 'cheaper')]) expect([out.groups, back.groups]).toEqual([out.blocks, back.blocks]);
    // all that goes out comes back
    expect([vllm.out.operations, vllm.out.blocks]).toEqual([vllm.in.operations, vllm.in.blocks]);
    expect(vllm.out.operations).toBeGreaterThan(100);
    expect(groups.in.blocksPerGroup).toBeGreaterThan(5);
    expect(groups.in.bytesPerSecond).toBeGreaterThan(1.5 * vllm.in.bytesPerSecond);
    expect(reuse.out.blocks).toBeLessThan(groups.out.blocks / 2);
    expect(fastswitch.shares.stall).toBeLessThan(reuse.shares.stall / 2);
    expect([recompute.out.operations, recompute.in.bytes, recompute.shares.stall]).toEqual([0, 0, 0]);
    expect(recompute.drops).toBeGreaterThan(0);
    expect(recompute.recomputedTokens).toBeGreaterThan(recompute.drops);
  });

  it('is the same again, and another by another seed', async () => {
    const asked = ['--conversations', '60'];
    const once = await simulated(...asked);
    expect(await simulated(...asked)).toEqual(once);
    const other = await simulated(...asked, '--seed', '1');
    for (const [at, row] of other.entries()) {
      expect(row.makespan).not.toBe(once[at]?.makespan);
      expect(row.notes).toContain('load: 1 conversation per second, poisson, seed 1; turns of ShareGPT, 2 or more; tokens of ShareGPT; think 0 s');
    }
    // order of policies changes no row
    expect(withoutNotes(await simulated(...asked, '--policies', 'fastswitch,vllm'))).toEqual(withoutNotes([once[3] as Simulated, once[0] as Simulated]));
  });

  it('takes a trace: its conversations, and priorities by seed', async () => {
    const rows = Array.from({ length: 80 }, (_, at) => `c${at % 40},${at / 8},${300 + 7 * at},${100 + at}`);
    const path = await file('trace.csv', [HEADER, ...rows, ''].join('\n'));
    const unix = await simulated('--trace', path);
    expect(unix[0]).toMatchObject({ conversations: 40, turns: 80 });
    expect(unix[0]?.notes).toContain(`load: the trace ${path}`);
    const output = Array.from({ length: 80 }, (_, at) => 100 + at).reduce((sum, tokens) => sum + tokens, 0);
    for (const { outputTokensPerSecond, makespan } of unix) expect(outputTokensPerSecond * makespan).toBeCloseTo(output, 6);
    const windows = await file('windows.csv', `\uFEFF${[HEADER, ...rows, ''].join('\r\n')}`);
    expect(withoutNotes(await simulated('--trace', windows))).toEqual(withoutNotes(unix));
    const columns = await file('columns.csv', ['note,output_len,prompt_len,arrival_s,conversation', ...rows.map((row) => ['x', ...row.split(',').reverse()].join(',')), ''].join('\n'));
    expect(withoutNotes(await simulated('--trace', columns))).toEqual(withoutNotes(unix));
    expect(await simulated('--trace', path, '--update-every', '5', '--memory-share', '0.74', '--seed', '5')).not.toEqual(
      await simulated('--trace', path, '--update-every', '5', '--memory-share', '0.74'),
    );
  });

  it('says who falls behind, and of no run that keeps up', async () => {
    const behind = (rows: readonly Simulated[]) => rows.filter(({ notes }) => notes.some((note) => note.includes('falls behind'))).map(({ policy }) => policy);
    // 1 conversation per second is more than vLLM's copies leave time for; a third of it is not
    const two = ['--policies', 'vllm,fastswitch'];
    const busy = await simulated('--conversations', '400', ...two);
    expect(behind(busy)).toContain('vllm');
    expect(of(busy, 'vllm').notes.at(-1)).toMatch(/^vllm falls behind: it ends \d+ s after the last arrival, where the longest conversation takes \d+ s without waiting$/);
    expect(of(busy, 'fastswitch').notes.some((note) => note.startsWith('vllm'))).toBe(false);
    expect(behind(await simulated('--conversations', '200', '--rate', '0.2', ...two))).toEqual([]);
    // a few at once run beside one another; long times to think are no waiting
    expect(behind(await simulated('--conversations', '3', '--rate', '100', ...two))).toEqual([]);
    expect(behind(await simulated('--conversations', '50', '--rate', '0.5', '--think', '60', ...two))).toEqual([]);
    expect((await printed('simulate', '--conversations', '400', '--policies', 'vllm')).match(/falls behind/g)).toHaveLength(1);
  });

  it('prints times over those of the first policy, and leaves that out of one', async () => {
    const out = await printed('simulate', ...BUSY);
    const rows = await simulated(...BUSY);
    const cells = out.split('\n').find((line) => line.startsWith('fastswitch')) ?? '';
    const speedUp = ((rows[0] as Simulated).ttft.p99 / of(rows, 'fastswitch').ttft.p99).toPrecision(3);
    expect(cells.split(/ +/)[10]).toBe(speedUp);
    expect(out).toContain('\nspeed-up: TTFT p99 of vllm over that of the policy\n');
    expect(out).toContain('\npriorities: markov, updated every 25 iterations\n');
    expect(await printed('simulate', ...BUSY, '--policies', 'vllm')).not.toContain('speed-up');
    expect(await printed('simulate', '--conversations', '5', '--pattern', 'fixed')).toContain('\npriorities: fixed\n');
    expect(await printed('simulate', '--conversations', '5', '--tp', '2', '--arrivals', 'gamma:2', '--turns', '3', '--tokens', '1K')).toMatch(
      /\n2 x a10: \d+ blocks on the chip, \d+ on the host\nload: 1 conversation per second, gamma of cv 2, seed 0; turns 3; tokens 1024; think 0 s\n/,
    );
  });

  it('says nothing on stderr when it is quick', async () => expect((await cli('preempt', 'simulate', '--conversations', '5')).err).toBe(''));

  it('says what a long run is at, and leaves nothing half-written when it is interrupted', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'preempt', 'simulate', '--conversations', '2000', '--format', 'json'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => {
      out += String(text);
    });
    child.stderr.on('data', (text) => {
      err += String(text);
      child.kill('SIGINT');
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect([code, signal, out]).toEqual([null, 'SIGINT', '']);
    expect(err).toMatch(/^(preempt: [\w-]+, [234] of 4\n)+$/);
  }, 60_000);
});
