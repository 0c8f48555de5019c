import { describe, expect, it, vi } from 'vitest';
import { modelOf } from '../../../src/models/index.ts';
import { repeatedShareGpt } from '../../../src/papers/distserve/load.ts';
import { clusterOf } from '../../../src/serving/disaggregation/estimator.ts';
import { type Load, requestsAt } from '../../../src/serving/disaggregation/load.ts';
import { type Outcome, tpotOf, ttftOf } from '../../../src/serving/disaggregation/outcome.ts';
import { simulate } from '../../../src/serving/disaggregation/simulate.ts';
import { summaryOf } from '../../../src/serving/disaggregation/summary.ts';
import { gapsOf } from '../../../src/serving/engine/arrivals.ts';
import { randomOf } from '../../../src/serving/engine/random.ts';
import { apart, csvOf, fieldsOf, files, goodputShape, placeShape, plain, released, type Simulated, simulated, simulateShape, splitOf, traceText } from '../disaggregate/support.ts';
import { cli } from '../support.ts';

const file = files();
/** The load of the released simulator's own runs. */
const loadOf = (requests: number, seed = 0): Load => ({ gaps: gapsOf({ kind: 'poisson' }, requests, randomOf(seed)), ...repeatedShareGpt(requests) });

const RELEASED = ['--model', 'opt-13b', '--estimator', 'simdistserve', '--prefill', 'tp=2,pp=1', '--decode', 'tp=1,pp=1'];
const ENGINE = ['--model', 'opt-13b', '--estimator', 'engine', '--prefill', 'tp=2', '--decode', 'tp=1'];
const QWEN = ['--model', 'qwen3-32b', '--lengths', 'log-normal', '--prompt', '2K', '--output', '100', '--requests', '200', '--slo', 'ttft=1,tpot=0.05'];

describe('disaggregate --help', () => {
  it('lists the commands below it, each of which has a help', async () => {
    const { code, out } = await cli('disaggregate', '--help');
    expect(code).toBe(0);
    const actions = [...(out.match(/Commands:\n([\s\S]*?)\n\n/)?.[1] ?? '').matchAll(/^ {2}(\w+) \[options\]/gm)].map(([, name]) => name);
    expect(actions).toEqual(['simulate', 'goodput', 'place']);
    for (const action of actions) {
      const help = await cli('disaggregate', action as string, '--help');
      expect([help.code, help.err]).toEqual([0, '']);
      expect(help.out).toContain(`Usage: tokenroof disaggregate ${action} [options]\n`);
    }
  });

  it.each([
    ['simulate', simulateShape],
    ['goodput', goodputShape],
    ['place', placeShape],
  ])('%s says every field of its JSON', async (action, shape) => {
    const { out } = await cli('disaggregate', action, '--help');
    const named = (out.match(/\nJSON:\n([\s\S]*?\});?[ ;\n]/)?.[1] ?? '').replace(/: (?:"\w+"|\w+(?:\[\])?)(?: \| (?:"\w+"|\w+))*/g, '');
    expect([...new Set(named.match(/\w+/g))].sort()).toEqual([...new Set(fieldsOf(shape))].sort());
  });

  it.each([
    [[], 3],
    [['simulate'], 3],
    [['goodput'], 3],
    [['place'], 3],
  ])('%j has examples that run', async (action, least) => {
    const { out } = await cli('disaggregate', ...action, '--help');
    const examples = [...out.matchAll(/^ +\$ tokenroof (.*)$/gm)].map(([, argv = '']) => argv.split(' '));
    expect(examples.length).toBeGreaterThanOrEqual(least);
    const trace = await file('requests.csv', traceText([0, 1, 2], [100, 200, 300], [10, 20, 30]));
    for (const argv of examples) {
      const given = argv.map((word) => (word === 'requests.csv' ? trace : word));
      // of fewer requests: `place` of the help takes up to eight seconds
      const short = argv.includes('--help') || argv.includes('--trace') ? [] : ['--requests', '60', ...(argv[1] === 'simulate' ? [] : ['--least-seconds', '2'])];
      const { code, out: printed, err } = await cli(...given, ...short);
      expect(code, `${argv.join(' ')} ${err}`).toBe(0);
      // what is said of long work is no error
      expect(err, argv.join(' ')).toMatch(/^(disaggregate: .*, \d+ of \d+\n)*$/);
      expect(printed.length, argv.join(' ')).toBeGreaterThan(200);
    }
  });
});

describe('disaggregate simulate', () => {
  /** What a summary says of its requests. */
  function checkSummary({ summary, requests }: Simulated): void {
    const { slo, attainment, ttft, tpot, phases, chips } = summary;
    const share = (keeps: (row: (typeof requests)[number]) => boolean): number => requests.filter(keeps).length / requests.length;
    expect(attainment).toEqual({
      both: share(({ ttft_s, tpot_s }) => ttft_s <= slo.ttft && tpot_s <= slo.tpot),
      ttft: share(({ ttft_s }) => ttft_s <= slo.ttft),
      tpot: share(({ tpot_s }) => tpot_s <= slo.tpot),
    });
    for (const [spread, values] of [
      [ttft, requests.map(({ ttft_s }) => ttft_s)],
      [tpot, requests.map(({ tpot_s }) => tpot_s)],
    ] as const) {
      const sorted = [...values].sort((a, b) => a - b);
      const at = (place: number): number => sorted[Math.floor(place)] as number;
      expect(spread.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 12);
      for (const [name, part] of [
        ['p50', 0.5],
        ['p90', 0.9],
        ['p99', 0.99],
      ] as const) {
        const place = part * (sorted.length - 1);
        expect(spread[name]).toBeCloseTo(at(place) + (place - Math.floor(place)) * (at(Math.min(place + 1, sorted.length - 1)) - at(place)), 12);
      }
    }
    const whole = requests.reduce((sum, { arrival_s, finish_s }) => sum + (finish_s as number) - arrival_s, 0) / requests.length;
    expect(Object.values(phases).reduce((sum, time) => sum + time, 0) / whole).toBeCloseTo(1, 9);
    const [first, last] = [requests[0]?.arrival_s as number, requests.at(-1)?.arrival_s as number];
    expect([summary.requests, summary.span]).toEqual([requests.length, last - first]);
    expect(summary.makespan).toBeCloseTo(Math.max(...requests.map(({ finish_s }) => finish_s as number)) - first, 9);
    expect(summary.outputTokensPerSecond * summary.makespan).toBeCloseTo(
      requests.reduce((sum, { output_len }) => sum + output_len, 0),
      3,
    );
    expect(chips).toBeGreaterThan(0);
    for (const [at, row] of requests.entries()) {
      expect(row.request).toBe(at + 1);
      const times = [row.arrival_s, row.prefill_start_s, row.first_token_s, row.decode_ready_s, row.decode_start_s, row.finish_s].filter((time) => time !== null);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect([row.decode_ready_s === null, row.decode_start_s === null]).toEqual([times.length < 6, times.length < 6]);
      expect(row.ttft_s).toBeCloseTo((row.first_token_s as number) - row.arrival_s, 12);
    }
  }

  const columns = (outcome: Outcome): unknown => plain([[...ttftOf(outcome)], [...tpotOf(outcome)], [...outcome.finish]]);

  it('is the released simulator on a trace of its run: 99.0 % of 300 requests at 3 a second keep the objectives', async () => {
    const requests = requestsAt(loadOf(300), 3);
    const trace = await file('run.csv', traceText(requests.arrival, requests.prompt, requests.output));
    const ran = await simulated('--trace', trace, ...RELEASED.slice(2));
    expect(ran.summary).toMatchObject({ model: 'opt-13b', estimator: 'simdistserve', placement: '1 x TP 2 + 1 x TP 1', chips: 3, requests: 300, putOut: 0, attainment: { both: 0.99 } });
    const outcome = simulate(requests, clusterOf(released('opt-13b', 'released'), apart(splitOf(2), splitOf(1))));
    expect(ran.summary).toMatchObject(plain(summaryOf(outcome, { ttft: 0.25, tpot: 0.1 })) as object);
    expect([ran.requests.map(({ ttft_s }) => ttft_s), ran.requests.map(({ tpot_s }) => tpot_s), ran.requests.map(({ finish_s }) => finish_s)]).toEqual(columns(outcome));
    // the load of seed 0 is that of the trace
    expect(await simulated(...RELEASED, '--requests', '300', '--rate', '3')).toEqual(ran);
    checkSummary(ran);
  });

  it('is what the library simulates of engines, with other seeds, rates and objectives', async () => {
    const outcome = simulate(requestsAt(loadOf(250, 7), 5), clusterOf(released('opt-13b', 'engine'), apart(splitOf(2), splitOf(1), 2, 1), 'least-loaded'));
    const asked = [
      '--estimator',
      'engine',
      '--prefill',
      'tp=2,instances=2',
      '--decode',
      'tp=1',
      '--dispatch',
      'least-loaded',
      '--seed',
      '7',
      '--requests',
      '250',
      '--rate',
      '5',
      '--slo',
      'tpot=.06,ttft=0.1',
    ];
    const ran = await simulated(...asked);
    expect(ran.summary).toMatchObject({ placement: '2 x TP 2 + 1 x TP 1', chips: 5, slo: { ttft: 0.1, tpot: 0.06 } });
    expect(ran.summary).toMatchObject(plain(summaryOf(outcome, { ttft: 0.1, tpot: 0.06 })) as object);
    checkSummary(ran);
  });

  it.each([
    ['apart', ['--prefill', 'tp=1,on=h800', '--decode', 'tp=1,instances=2,on=h20', '--rate', '8'], '1 x TP 1 + 2 x TP 1', 3],
    ['together', ['--colocated', 'tp=2,pp=2,on=h20', '--rate', '3'], '1 x TP 2 PP 2', 4],
    ['in bursts, on default chips', ['--colocated', 'tp=2', '--rate', '3', '--arrivals', 'gamma:3'], '1 x TP 2', 2],
    ['with host time and no limit of memory', ['--colocated', 'tp=2', '--engine', 'vllm', '--kv-limit', 'off', '--precision', 'fp8', '--spread', '0.5'], '1 x TP 2', 2],
  ])('adds up %s', async (_, asked, placement, chips) => {
    const ran = await simulated(...QWEN, ...asked);
    expect(ran.summary).toMatchObject({ model: 'qwen3-32b', estimator: 'calibrated', placement, chips, requests: 200 });
    checkSummary(ran);
  });

  it('counts the time of a trace from its first request, wherever that is', async () => {
    const trace = (start: number): Promise<string> => file(`from-${start}.csv`, traceText([start, start + 1, start + 2], [100, 200, 300], [10, 1, 30]));
    const [early, late] = [await simulated('--trace', await trace(0), ...ENGINE), await simulated('--trace', await trace(1024), ...ENGINE)];
    for (const ran of [early, late]) checkSummary(ran);
    expect(late.summary.makespan).toBeCloseTo(early.summary.makespan, 9);
    expect(late.summary.outputTokensPerSecond).toBeCloseTo(early.summary.outputTokensPerSecond, 6);
    // a request that ends with its first token does not decode
    expect(early.requests[1]).toMatchObject({ tpot_s: 0, decode_ready_s: null, decode_start_s: null, finish_s: early.requests[1]?.first_token_s });
  });

  it('is the same again, and another with another seed, in arrivals or lengths', async () => {
    for (const kind of [ENGINE, QWEN.concat('--colocated', 'tp=2')]) {
      const [once, again, other] = [
        await simulated(...kind, '--requests', '50'),
        await simulated(...kind, '--requests', '50', '--seed', '0', '--rate', '1'),
        await simulated(...kind, '--requests', '50', '--seed', '1'),
      ];
      expect(again).toEqual(once);
      expect(other.requests.map(({ arrival_s }) => arrival_s)).not.toEqual(once.requests.map(({ arrival_s }) => arrival_s));
      const same = kind === ENGINE;
      for (const field of ['prompt_len', 'output_len'] as const) expect(once.requests.every((row, at) => row[field] === other.requests[at]?.[field])).toBe(same);
    }
    const fixed = await simulated(...ENGINE, '--requests', '5', '--arrivals', 'fixed', '--rate', '2', '--lengths', 'fixed', '--prompt', '1K', '--output', '7');
    expect(fixed.requests.map(({ arrival_s, prompt_len, output_len }) => [arrival_s, prompt_len, output_len])).toEqual([0, 0.5, 1, 1.5, 2].map((time) => [time, 1024, 7]));
  });

  it('has what it stands on in its notes', async () => {
    const notes = async (...argv: readonly string[]) => (await simulated('--requests', '5', '--colocated', 'tp=1', ...argv)).summary.notes;
    expect(await notes()).toEqual(['the KV cache holds requests back', `precision: ${modelOf('opt-13b').precision.id}`, 'kernels only, no host time of an engine']);
    expect(await notes('--kv-limit', 'off', '--precision', 'fp8', '--engine', 'vllm')).toEqual(['no limit of memory', 'precision: fp8', 'host time of vllm']);
    expect(await notes('--estimator', 'engine')).toEqual(['the KV cache holds requests back', 'times of A100-SXM-80GB in FP16']);
    expect(await notes('--estimator', 'simdistserve')).toEqual(['no limit of memory', 'times of A100-SXM-80GB in FP16']);
  });

  it('prints the requests as CSV, and a table and Markdown of the summary', async () => {
    const asked = [...ENGINE, '--requests', '40', '--rate', '6'];
    const [{ summary, requests }, [header, ...rows]] = [await simulated(...asked), await csvOf('simulate', ...asked)];
    expect(header).toEqual(Object.keys(simulateShape.shape.requests.element.shape));
    expect(rows).toEqual(requests.map((row) => Object.values(row).map((value) => (value === null ? '' : String(value)))));
    const { out } = await cli('disaggregate', 'simulate', ...asked);
    expect(out).toMatch(/^opt-13b on 1 x TP 2 \+ 1 x TP 1\n/);
    expect(out).toMatch(new RegExp(`^keep both times \\(0\\.25 s, 0\\.1 s\\) +${(100 * summary.attainment.both).toPrecision(4)} %$`, 'm'));
    expect(out).toMatch(/^time to first token +\d[\d. ]*$/m);
    for (const note of summary.notes) expect(out).toContain(`\n${note}\n`);
    const { code, out: markdown } = await cli('disaggregate', 'simulate', ...asked, '--format', 'markdown');
    expect([code, markdown.split('\n').filter((line) => line.startsWith('|')).length]).toEqual([0, 2 + 6 + 2 + 7]);
  });

  it('says nothing of its work', async () => {
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => Date.now() * 1e3);
    try {
      expect((await cli('disaggregate', 'simulate', ...ENGINE, '--requests', '5')).err).toBe('');
    } finally {
      clock.mockRestore();
    }
  });
});
