import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { link } from '../../../src/accelerators/links.ts';
import { modelOf } from '../../../src/models/index.ts';
import { cacheLayout } from '../../../src/serving/preemption/layout.ts';
import { examples } from '../../models/huggingface/configs.ts';
import { fieldsOf, files } from '../disaggregate/support.ts';
import { type BrokenEven, breakEvenShape, brokenEven, printed, simulated, simulateShape, transferred, transferShape } from '../preempt/support.ts';
import { cli, json } from '../support.ts';

const file = files();
const TRACE = 'conversation,arrival_s,prompt_len,output_len\na,0,200,3\nb,0.1,30,40\na,0.2,100,5\nc,0.2,7,1\n';
const WIDEST = 180;

describe('preempt --help', () => {
  it('lists the commands below it', async () => {
    const { code, out } = await cli('preempt', '--help');
    expect(code).toBe(0);
    expect([...out.matchAll(/^ {2}([\w-]+) \[options\]/gm)].map(([, name]) => name)).toEqual(['transfer', 'break-even', 'simulate']);
  });

  it.each([
    ['transfer', transferShape],
    ['break-even', breakEvenShape],
    ['simulate', simulateShape],
  ])('%s says every field of its JSON', async (action, shape) => {
    const { out } = await cli('preempt', action, '--help');
    expect(out).toContain(`Usage: tokenroof preempt ${action} [options]\n`);
    const block = out.match(/\nJSON:\n([\s\S]*?notes: string\[\]\})/)?.[1] ?? '';
    const named = block.replace(/^\s*an array of/, '').replace(/"\w+"|string\[\]|: each/g, '');
    expect([...new Set(named.match(/\w+/g))].sort()).toEqual([...new Set(fieldsOf(shape))].sort());
  });

  it('has examples that run', async () => {
    const trace = await file('conversations.csv', TRACE);
    for (const action of [[], ['transfer'], ['break-even'], ['simulate']]) {
      const { out } = await cli('preempt', ...action, '--help');
      const examplesOf = [...out.matchAll(/^ +\$ tokenroof (.*)$/gm)].map(([, argv = '']) => argv.split(' '));
      expect(examplesOf.length, action.join(' ')).toBe(3);
      for (const argv of examplesOf) {
        const short = argv[1] === 'simulate' && !argv.includes('--trace') ? ['--conversations', '10'] : [];
        const { code, out: text, err } = await cli(...argv.map((each) => (each === 'conversations.csv' ? trace : each)), ...short);
        expect(code, `${argv.join(' ')} ${err}`).toBe(0);
        expect(text.length, argv.join(' ')).toBeGreaterThan(200);
      }
    }
  }, 60_000);

  it.each([
    ['transfer', ['--models', 'llama-3.1-8b,qwen3-32b,deepseek-v3,step-3', '--links', 'pcie4-x16,pcie5-x16', '--contexts', '2048', '--groups', '1,20']],
    [
      'break-even',
      [
        '--models',
        'llama-3.1-8b,llama-2-7b,qwen3-30b-a3b,deepseek-v3,step-3',
        '--accelerators',
        'h800,h20,a800',
        '--links',
        'pcie4-x16,pcie5-x16',
        '--groups',
        '1',
        '--contexts',
        '1K,8K,32K',
        '--to',
        '128K',
      ],
    ],
  ])('%s has the defaults that it says', async (action, spelled) => {
    const { out } = await cli('preempt', action, '--help');
    const text = out.replace(/\s+/g, ' ');
    for (const [at, option] of spelled.entries()) if (option.startsWith('--')) expect(text.replaceAll(' ', ''), option).toContain(`(default:${spelled[at + 1]}`);
    expect(await json('preempt', action, ...spelled)).toEqual(await json('preempt', action));
  });

  it('simulate has the defaults that it says', async () => {
    const SPELLED = [
      '--model',
      'llama-3.1-8b',
      '--accelerator',
      'a10',
      '--tp',
      '1',
      '--link',
      'pcie4-x16',
      '--host-gb',
      '60',
      '--memory-share',
      '0.9',
      '--max-requests',
      '256',
      '--batch-tokens',
      '2048',
      '--host-ms',
      '0',
      '--initial-group',
      '60',
      '--pattern',
      'random',
      '--update-every',
      '25',
      '--rate',
      '1',
      '--arrivals',
      'poisson',
      '--think',
      '0',
      '--seed',
      '0',
      '--method',
      'loop',
      '--threads',
      '1',
      '--layout',
      'apart',
      '--block-tokens',
      '16',
      '--precision',
      'paper',
    ];
    const few = ['--conversations', '60'];
    expect(await simulated(...few, ...SPELLED, '--policies', 'vllm,groups,groups-reuse,fastswitch')).toEqual(await simulated(...few));
    expect(await simulated(...few, '--pattern', 'markov', '--persistence', '0')).toMatchObject((await simulated(...few, '--pattern', 'markov')).map(({ notes: _, ...row }) => row));
  });
});

describe('preempt transfer', () => {
  it('is the arithmetic of FastSwitch: 2 copies a layer of 32 KiB a block of 2 MiB', async () => {
    const [row] = await transferred('--models', 'llama-3.1-8b', '--links', 'pcie4-x16', '--groups', '1', '--contexts', '1600');
    expect(row).toMatchObject({ blocks: 100, blockBytes: 2 ** 21, piecesPerBlock: 64, pieceBytes: 2 ** 15, calls: 6400, bytes: 100 * 2 ** 21 });
  });

  it('has numbers that tie together, for every model, method and layout', async () => {
    for (const asked of [
      ['--models', 'all', '--contexts', '4K'],
      ['--method', 'gather', '--layout', 'whole-block', '--groups', '1,7'],
      ['--method', 'framework', '--layout', 'layer', '--block-tokens', '64', '--groups', '3'],
    ]) {
      for (const row of await transferred(...asked)) {
        const what = `${row.model} over ${row.link}`;
        expect(row.bytes / (row.calls * row.pieceBytes), what).toBeCloseTo(1, 12);
        expect(row.bytesPerSecond, what).toBe(row.bytes / row.inSeconds);
        expect(row.bothSeconds, what).toBeGreaterThanOrEqual(Math.max(row.outSeconds, row.inSeconds));
        expect(row.bothSeconds, what).toBeLessThan(row.outSeconds + row.inSeconds);
        expect(row.utilisation / (row.bytes / row.inSeconds / link(row.link).link.rawPerDirection), what).toBeCloseTo(1, 12);
        // windows keep less
        expect(row.bytes, what).toBeLessThanOrEqual(row.blocks * row.blockBytes + cacheLayout(modelOf(row.model)).states.bytes);
      }
    }
  });

  it('takes a larger group in fewer calls of the same bytes, and less time', async () => {
    const rows = await transferred('--models', 'qwen3-32b', '--links', 'pcie4-x16', '--groups', '1,2,20,128');
    expect(rows.map(({ calls }) => calls)).toEqual([1, 2, 20, 128].map((group) => 128 * Math.ceil(128 / group)));
    expect(new Set(rows.map(({ bytes }) => bytes)).size).toBe(1);
    for (const [at, row] of rows.slice(1).entries()) expect(row.inSeconds).toBeLessThan(rows[at]?.inSeconds as number);
  });

  it.each(['loop', 'framework', 'batch', 'gather'])('has a crossover at which copies reach half of the rate of long pieces, by %s', async (method) => {
    const of = async (group: number) =>
      (await transferred('--models', 'opt-175b', '--method', method, '--block-tokens', '1', '--links', 'pcie4-x16', '--contexts', '16M', '--groups', String(group)))[0];
    const { crossoverGroup, bytesPerSecond } = (await of(1_000_000)) as NonNullable<Awaited<ReturnType<typeof of>>>;
    const group = Math.max(1, Math.round(crossoverGroup));
    // what a whole number of blocks is off, and a call that is over before one block
    const share = ((await of(group))?.bytesPerSecond as number) / bytesPerSecond;
    if (crossoverGroup >= 1) expect(Math.abs(share / 0.5 - 1)).toBeLessThan(0.5 / group + 0.01);
    else expect(share).toBeGreaterThan(0.5);
  });

  it.each(['gpt-oss-120b', 'gemma-3-27b', 'llama-4-maverick', 'step-3.5-flash'])('takes for windows in groups what break-even takes, of %s', async (model) => {
    for (const [tokens, group] of [
      ['144', '8'],
      ['1168', '7'],
      ['8208', '20'],
    ] as const) {
      const options = ['--models', model, '--links', 'pcie5-x16', '--contexts', tokens, '--groups', group];
      const [moved] = await transferred(...options);
      const { out } = await cli('preempt', 'break-even', ...options, '--accelerators', 'h20', '--tp', '1', '--format', 'json');
      const swap = JSON.parse(out)[0].at[0].swapSeconds as number;
      expect(swap / ((moved?.outSeconds as number) + (moved?.inSeconds as number)), `${tokens} in ${group}`).toBeCloseTo(1, 12);
    }
  });

  it('has only the links that are asked for, and each once', async () => {
    const of = async (...argv: readonly string[]): Promise<readonly string[]> => [...new Set((await transferred('--models', 'llama-3.1-8b', ...argv)).map((row) => row.link))];
    expect(await of()).toEqual(['pcie4-x16', 'pcie5-x16']);
    expect(await of('--links', 'pcie5-x16,nvlink-c2c')).toEqual(['pcie5-x16', 'nvlink-c2c']);
    expect(await of('--links', 'nvlink-c2c', '--links', 'pcie3-x16')).toEqual(['nvlink-c2c', 'pcie3-x16']);
  });

  it('leaves out of its own groups those that a context does not have', async () => {
    expect((await transferred('--models', 'llama-3.1-8b', '--links', 'pcie4-x16', '--contexts', '160,4K')).map(({ context, groupBlocks }) => [context, groupBlocks])).toEqual([
      [160, 1],
      [4096, 1],
      [4096, 20],
    ]);
  });

  it('takes a bandwidth in place of the link, and says so', async () => {
    const [row] = await transferred('--models', 'llama-3.1-8b', '--links', 'pcie5-x16', '--groups', '100', '--bandwidth', '20');
    expect((row?.utilisation as number) / ((row?.bytesPerSecond as number) / 20e9)).toBeCloseTo(1, 12);
    expect(row?.utilisation).toBeGreaterThan(0.9);
    expect(row?.notes[0]).toContain('; bytes run at the 20.0 GB/s of --bandwidth');
    expect(await printed('transfer', '--bandwidth', '20')).toContain('\n% of line: of --bandwidth\n');
    expect(await printed('transfer')).not.toContain('--bandwidth');
  });

  it('says how well times are known, which formats, and what no model was trained for', async () => {
    const rows = await transferred('--models', 'llama-2-7b', '--contexts', '4K,8K', '--groups', '1');
    expect(rows.map(({ notes }) => notes)).toEqual(
      ['pcie4-x16', 'pcie5-x16'].flatMap((id) =>
        [[], ['context: 8192 is beyond the trained 4096']].map((more) => [
          expect.stringMatching(id === 'pcie5-x16' ? /^copies over pcie5-x16 by loop: measured$/ : /^copies over pcie4-x16 by loop: assumed, /),
          "precision: the model's own",
          ...more,
        ]),
      ),
    );
    expect((await transferred('--models', 'llama-2-7b', '--precision', 'fp8'))[0]?.notes).toContain('precision: fp8');
  });
});

describe('preempt break-even', () => {
  const ASKED = ['--models', 'llama-3.1-8b', '--links', 'pcie5-x16'];

  it.each([
    ['as it is', '1', []],
    ['in groups', '20', []],
    ['by another method', '1', ['--method', 'gather', '--layout', 'whole-block']],
    ['in large blocks, by threads', '3', ['--block-tokens', '64', '--threads', '4']],
  ])('swaps in the time of transfer, out and in: %s', async (_, group, asked) => {
    const moved = await transferred(...ASKED, '--contexts', '1K,8K,32K', '--groups', group, ...asked);
    const [row] = await brokenEven(...ASKED, '--accelerators', 'h800', '--tp', '1', '--groups', group, ...asked);
    expect(moved).toHaveLength(3);
    for (const [at, { outSeconds, inSeconds }] of moved.entries()) expect((row?.at[at]?.swapSeconds as number) / (outSeconds + inSeconds)).toBeCloseTo(1, 9);
  });

  it('has runs that follow one another to the longest context, and the faster way in each', async () => {
    for (const row of await brokenEven('--accelerators', 'h800,a800', '--to', '64K', '--contexts', '1K,4K,16K,64K')) {
      for (const runs of [row.exact, row.trend, row.calibrated]) {
        expect(runs[0]?.from).toBe(1);
        expect(runs.at(-1)?.to).toBe(65_536);
        for (const [at, { from, faster }] of runs.slice(1).entries()) {
          expect(from).toBe((runs[at]?.to as number) + 1);
          expect(faster).not.toBe(runs[at]?.faster);
        }
      }
      for (const { context, swapSeconds, recomputeSeconds, calibratedRecomputeSeconds } of row.at) {
        const way = (runs: typeof row.exact) => runs.find(({ from, to }) => from <= context && context <= to)?.faster;
        expect(way(row.exact)).toBe(swapSeconds < recomputeSeconds ? 'swap' : 'recompute');
        // real kernels are no faster than the data sheet
        expect(calibratedRecomputeSeconds).toBeGreaterThan(recomputeSeconds);
      }
    }
  });

  it('takes as few chips as hold the model, and says where those that are asked for do not', async () => {
    const of = async (...argv: readonly string[]) =>
      (await brokenEven('--models', 'deepseek-v3', '--links', 'pcie5-x16', ...argv)).map(({ chips, notes }) => [chips, notes.filter((note) => note.includes('does not fit'))]);
    expect(await of('--accelerators', 'h20,h800')).toEqual([
      [8, []],
      [8, ['deepseek-v3 does not fit 8 x h800: shown as if it did']],
    ]);
    expect(await of('--accelerators', 'h20', '--tp', '4')).toEqual([[4, ['deepseek-v3 does not fit 4 x h20: shown as if it did']]]);
    expect(await of('--accelerators', 'h20', '--tp', '8')).toEqual([[8, []]]);
  });
});

describe('preempt prints', () => {
  it.each([
    ['transfer', ['--models', 'deepseek-v3,qwen3-30b-a3b', '--contexts', '8K']],
    ['break-even', []],
    ['simulate', ['--conversations', '40']],
  ])('%s: tables that a screen holds, and Markdown', async (action, asked) => {
    const out = await printed(action, ...asked);
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(WIDEST);
    // every note once
    const notes = out.split('\n').filter((line) => line.includes('copies over '));
    expect(new Set(notes).size).toBe(notes.length);
    expect(out).not.toMatch(/NaN|undefined|null|Infinity|measured, measured/);
    const rows = await json('preempt', action, ...asked);
    const lines = (await printed(action, ...asked, '--format', 'markdown')).split('\n').filter((line) => line.startsWith('|'));
    expect(lines).toHaveLength((action === 'simulate' ? 2 : 1) * (2 + (rows as unknown[]).length));
  });

  it('transfer and simulate: CSV with every number of the JSON', async () => {
    const parsed = async (action: string, ...asked: readonly string[]) => {
      const [header = '', ...lines] = (await printed(action, ...asked, '--format', 'csv')).trimEnd().split('\n');
      return { header: header.split(','), lines };
    };
    const moved = await parsed('transfer');
    expect(moved.header).toEqual(Object.keys(transferShape.element.shape));
    for (const [at, { notes, ...row }] of (await transferred()).entries()) {
      const line = moved.lines[at] as string;
      expect(line.slice(0, line.indexOf('copies')).replace(/"$/, '')).toBe(`${Object.values(row).join(',')},`);
      expect(line).toContain(notes.join('; '));
    }
    const few = ['--conversations', '40', '--policies', 'vllm,cheaper'];
    const ran = await parsed('simulate', ...few);
    for (const [at, row] of (await simulated(...few)).entries()) {
      const cells = (ran.lines[at] as string).split(',');
      const cell = (name: string) => cells[ran.header.indexOf(name)];
      expect([cell('policy'), cell('ttft_p999'), cell('share_idle'), cell('out_bytes'), cell('in_blocksPerGroup'), cell('fairness')]).toEqual(
        [row.policy, row.ttft.p999, row.shares.idle, row.out.bytes, row.in.blocksPerGroup, row.fairness].map(String),
      );
    }
    expect(ran.header).toHaveLength(11 + 6 + 6 + 3 + 8 + 8 + 1);
  });

  it('break-even: CSV with a line for each context', async () => {
    const out = await printed('break-even', '--models', 'llama-3.1-8b', '--accelerators', 'h800', '--format', 'csv');
    const [row] = await brokenEven('--models', 'llama-3.1-8b', '--accelerators', 'h800', '--links', 'pcie4-x16');
    const [header, ...lines] = out.trimEnd().split('\n');
    expect(header).toBe('model,accelerator,chips,link,groupBlocks,context,swapSeconds,recomputeSeconds,calibratedRecomputeSeconds,trend,calibrated,notes');
    expect(lines).toHaveLength(6);
    const { context, swapSeconds, recomputeSeconds, calibratedRecomputeSeconds } = (row as BrokenEven).at[1] as BrokenEven['at'][number];
    expect(lines[1]).toContain(
      `llama-3.1-8b,h800,1,pcie4-x16,1,${context},${swapSeconds},${recomputeSeconds},${calibratedRecomputeSeconds},"swap to ${row?.trend[0]?.to}, recompute to ${row?.trend[1]?.to}, swap"`,
    );
  });

  it('models of Hugging Face files and changed chips, wherever one is named', async () => {
    const config = await file('mine.json', JSON.stringify(examples['Llama-3.1-8B']));
    const own = (await transferred('--models', 'llama-3.1-8b')).map(({ notes: _, model: __, ...row }) => row);
    expect(await transferred('--config', config)).toMatchObject(own.map((row) => ({ ...row, model: 'mine' })));
    expect((await brokenEven('--config', config, '--models', 'gpt2')).map(({ model }) => model).filter((model, at, all) => all.indexOf(model) === at)).toEqual(['gpt2', 'mine']);
    const few = ['--conversations', '40'];
    const numbers = (await simulated(...few)).map(({ notes: _, ...row }) => row);
    expect(await simulated('--config', config, ...few)).toMatchObject(numbers);
    expect(await printed('simulate', '--config', config, ...few)).toMatch(/^mine on a10: 40 conversations, /);
    const other = await file('other.json', JSON.stringify(examples['Llama-3.1-8B']));
    expect(await cli('preempt', 'simulate', '--config', config, '--config', other)).toEqual({ code: 2, out: '', err: 'tokenroof: preempt: config has 2 models, say which with --model\n' });
    await writeFile(other, JSON.stringify({ accelerators: { a10: { set: { memoryBandwidth: 1.2e12 } } } }));
    const [faster] = await simulated(...few, '--override', other);
    expect(faster?.makespan).toBeLessThan(numbers[0]?.makespan as number);
    expect(faster?.notes.some((note) => note.startsWith('scenario: '))).toBe(true);
  });
});
