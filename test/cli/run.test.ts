import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json';
import { type CommandName, commands } from '../../src/cli/commands/index.ts';
import { cli } from './support.ts';

const names = Object.keys(commands) as CommandName[];
const formatted: readonly (readonly string[])[] = [
  ['models'],
  ['models', 'step-3'],
  ['accelerators'],
  ['accelerators', 'h20'],
  ['accelerators', '--prices'],
  ['params', 'step-3', 'minimax-m1'],
  ['kv', 'step-3', 'minimax-m1'],
  ['cost'],
  ['crossover'],
  ['explain', 'accelerator/h20/usdPerHour'],
  ['scoreboard'],
];

describe('help', () => {
  it.each([[], ['--help'], ['-h'], ['help']])('%j lists every command', async (...argv) => {
    const { code, out, err } = await cli(...argv);
    expect([code, err]).toEqual([0, '']);
    for (const name of names) expect(out).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
    expect(out).toContain('  $ tokenroof cost');
  });
  it.each(names)('%s --help shows usage and an example, and `help %s` the same', async (name) => {
    const { code, out, err } = await cli(name, '--help');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`Usage: tokenroof ${name} `);
    expect(out).toMatch(new RegExp(`Examples?:\n {2}\\$ tokenroof ${name}`));
    expect(await cli('help', name)).toEqual({ code, out, err });
  });
  it('help shows that of a command below another', async () => {
    const { code, out, err } = await cli('help', 'disaggregate', 'place');
    expect({ code, out, err }).toEqual(await cli('disaggregate', 'place', '--help'));
    expect(out).toContain('Usage: tokenroof disaggregate place ');
  });
  it.each(['--version', '-V'])('%s', async (flag) => expect(await cli(flag)).toEqual({ code: 0, out: `${packageJson.version}\n`, err: '' }));
});

describe('every command that prints data, in every format', () => {
  it.each(formatted)(
    '%s %s',
    async (...argv) => {
      for (const format of ['table', 'json', 'csv', 'markdown']) {
        const { code, out, err } = await cli(...argv, '--format', format);
        expect([code, err], format).toEqual([0, '']);
        expect(out.length, format).toBeGreaterThan(20);
        expect(out, format).not.toMatch(/undefined|NaN|\[object|Infinity/);
        expect(out.endsWith('\n'), format).toBe(true);
      }
      // the scoreboard simulates runs of the papers
    },
    90_000,
  );
  it.each([[['models']], [['accelerators']], [['params', 'all']], [['kv', 'all']], [['cost']], [['crossover']]])('%j fits 120 columns', async (argv) => {
    const { out } = await cli(...argv);
    const lines = out.split('\n');
    const table = lines.slice(0, lines.indexOf('', 3));
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});

describe('mistakes are one line on stderr with exit code 2', () => {
  it.each<[readonly string[], string]>([
    [['modls'], 'cli: command modls is unknown; nearest: models'],
    [[''], 'cli: command "" is unknown'],
    [['toString'], 'cli: command toString is unknown'],
    [['--format', 'json'], 'cli: option --format is unknown before a command'],
    [['help', 'modls'], 'cli: command modls is unknown; nearest: models'],
    [['cost', '--modles', 'x'], 'cost: option --modles is unknown; nearest: --models'],
    [['cost', '-x'], 'cost: option -x is unknown'],
    [['cost', 'extra', 'more'], 'cost: argument extra is one too many'],
    [['models', 'step-3', 'more'], 'models: argument more is one too many'],
    [['cost', '--models'], 'cost: option --models is given without its value'],
    [['params'], 'params: models [] is empty: name a model, or give a config file with --config'],
    [['explain'], 'explain: argument <number-id> is missing'],
    [['cost', '--format', 'xml'], 'cost: format xml is unknown; nearest: '],
    [['cost', '--phase', 'decod'], 'cost: phase decod is unknown; nearest: decode'],
    [['cost', '--precision', 'fp9'], 'cost: precision fp9 is unknown; nearest: fp8'],
    [['cost', '--models', 'step3'], 'models: id step3 is unknown; nearest: step-3'],
    [['cost', '--models', 'step-3,step-3'], 'cost: models step-3 is given twice'],
    [['cost', '--models', ''], 'cost: models [] is empty'],
    [['cost', '--models', '<script>alert(1)</script>'], 'models: id <script>alert(1)</script> is unknown'],
    [['cost', '--models', 'a\nb\u001b[31m'], 'models: id a b\\u001b[31m is unknown'],
    [['cost', '--accelerators', 'h21'], 'accelerators: id h21 is unknown; nearest: h20'],
    [['cost', '--accelerators', 'l20'], 'accelerator l20: usdPerHour null has no price in USD; give one with an override'],
    [['cost', '--contexts', '1e16'], 'cost: contexts 1e16 is not a whole number'],
    [['cost', '--contexts', '-5'], 'cost: contexts -5 is not a whole number'],
    [['cost', '--batch', '0'], 'cost: batch 0 is not a whole number'],
    [['cost', '--batch', '-1'], 'cost: batch -1 is not a whole number'],
    [['cost', '--batch', 'NaN'], 'cost: batch NaN is not a whole number'],
    [['cost', '--counting', 'exact-haed'], 'cost: counting haed is unknown; nearest: head'],
    [['cost', '--phase', 'request'], 'cost: phase request needs --prompt and --output'],
    [['cost', '--phase', 'request', '--prompt', '0', '--output', '1'], 'cost: prompt 0 is not a whole number'],
    [['cost', '--phase', 'request', '--prompt', '1', '--output', '1', '--batch', '8'], 'cost: batch 8 is not available for phase request'],
    [['cost', '--phase', 'request', '--prompt', '1', '--output', '1', '--contexts', '8K'], 'cost: contexts 8192 are not used in --phase request'],
    [['cost', '--prompt', '5'], 'cost: prompt 5 is used only in --phase request'],
    [['cost', '--override', 'missing.json'], 'override: file missing.json does not exist'],
    [['cost', '--override', 'src'], 'override: file src is a folder'],
    [['cost', '--override', 'LICENSE'], 'override: file LICENSE line 1, column 1 MIT is not a JSON value'],
    [['crossover', '--models', 'step-3'], 'crossover: models step-3 is one, two are compared'],
    [['crossover', '--from', '8K', '--to', '1K'], 'crossover: to 1024 is not an integer of at least from 8192'],
    [['models', 'step-4'], 'models: id step-4 is unknown; nearest: step-3'],
    [['models', ''], 'models: id "" is empty'],
    [['models', '--types', 'step-3'], 'models: --types step-3 stands alone'],
    [['accelerators', 'h21'], 'accelerators: id h21 is unknown; nearest: h20'],
    [['params', 'step-3', 'step-3'], 'params: models step-3 is given twice'],
    [['explain', 'nothing/of/this'], 'evidence: id nothing/of/this names no number'],
    [['cite', 'accelerator/h20/usdPerHour', '--as', 'apa'], 'cite: as apa is unknown; nearest: '],
    [['cite', 'accelerator/h20/usdPerHour@mine'], 'evidence: scenario mine is not '],
    [['scoreboard', '--papers', 'step4'], 'scoreboard: papers step4 is unknown; nearest: step3'],
    [['scoreboard', '--papers', 'step3,step3'], 'scoreboard: papers step3 is given twice'],
    [['report', 'step4'], 'reports: id step4 is unknown; nearest: step3'],
    [['report', 'step3', 'step3'], 'report: ids step3 is given twice'],
    [['notebook'], 'notebook: argument <file> is missing'],
    [['notebook', 'missing.ipynb'], 'notebook: file missing.ipynb does not exist'],
    [['notebook', 'a/x.ipynb', 'b/x.ipynb', '--out', 'o'], 'notebook: file x.ipynb is given twice'],
    [['notebook', 'x.ipynb', '--timeout', '0'], 'notebook: timeout 0 is not a number of seconds'],
    [['kernel', 'uninstall'], 'kernel: action uninstall is unknown; nearest: install'],
    [['kernel', 'install', '--user', '--prefix', 'p'], 'kernel: options --user, --prefix exclude each other'],
    [['kernel', 'install', '--prefix', ''], 'kernel: prefix "" is not a folder'],
    [['kernel', 'install', '--name', 'a b'], 'kernel: name a b is not letters'],
  ])('%j', async (argv, message) => {
    const { code, out, err } = await cli(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^tokenroof: [^\n]+\n$/);
    expect(err.slice('tokenroof: '.length, 'tokenroof: '.length + message.length)).toBe(message);
  });
});
