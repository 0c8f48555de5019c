import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../src/chart/render.ts';
import { type RoleSwitch, type RoleTimelineOptions, type RoleTimelineRow, roleTimeline } from '../../src/chart/role-timeline.ts';
import { stageColour } from '../../src/chart/stages.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const WITH = 'With switching';
const WITHOUT = 'Without switching';
type Counts = readonly [number, number, number];
const of = ([encode, prefill, decode]: Counts) => ({ encode, prefill, decode });
const state = (panel: string, seconds: number, instances: Counts, waiting: Counts): RoleTimelineRow => ({ panel, seconds, instances: of(instances), waiting: of(waiting), number: `run/${seconds}` });
const rows: readonly RoleTimelineRow[] = [
  state(WITH, 0, [5, 1, 2], [0, 0, 0]),
  state(WITH, 5, [4, 1, 2], [4, 1, 12]),
  state(WITH, 5.5, [4, 1, 3], [3, 1, 12]),
  state(WITH, 28, [4, 1, 3], [0, 0, 0]),
  state(WITHOUT, 0, [5, 1, 2], [0, 0, 0]),
  state(WITHOUT, 30, [5, 1, 2], [0, 0, 60]),
  state(WITHOUT, 60, [5, 1, 2], [0, 0, 0]),
];
const switches: readonly RoleSwitch[] = [{ panel: WITH, seconds: 5, from: 'encode', to: 'decode' }];
const chart = (given: readonly RoleTimelineRow[] = rows, more: Partial<RoleTimelineOptions> = {}) => roleTimeline(given, { ...CAPTION, ...more });
const drawn = (...given: Parameters<typeof chart>) => renderSvg(chart(...given), 'css');
/** Filled areas in the colour of a stage, with their corners. */
const areas = (svg: string, stage: 'encode' | 'prefill' | 'decode') =>
  [...svg.matchAll(/<path d="(M[^"]*Z)"[^>]*fill="([^"]*)"/g)].filter(([, , fill]) => fill === stageColour(stage)).map(([, d = '']) => d.match(/[-\d.]+,[-\d.]+/g) ?? []);

chartLaws('roleTimeline', chart, rows.slice(0, 4), 'panel');

describe('roleTimeline', () => {
  it('stacks the instances of each stage in steps, all stages of a run over each other', async () => {
    const svg = await drawn();
    for (const stage of ['encode', 'prefill', 'decode'] as const) expect(areas(svg, stage).filter((corners) => corners.length >= 4).length).toBeGreaterThanOrEqual(2);
    const [decode = []] = areas(svg, 'decode').filter((corners) => corners.length > 4);
    const heights = [...new Set(decode.map((corner) => Number(corner.split(',')[1])))].sort((a, b) => b - a) as [number, number, number];
    // 0, 2 and 3 of 8
    expect(heights).toHaveLength(3);
    expect((heights[0] - heights[2]) / (heights[0] - heights[1])).toBeCloseTo(3 / 2, 2);
  });

  it('names runs and says how many instances a stage has, where there is room', async () => {
    const shown = texts(await drawn());
    expect(shown).toEqual(expect.arrayContaining([WITH, WITHOUT, '4 encode', '1 prefill', '3 decode', '5 encode', '2 decode', 'Instances', 'Requests waiting', 'Encode', 'Prefill', 'Decode']));
    expect(shown.filter((text) => text === 'Time, s')).toHaveLength(1);
  });

  it('marks switches, and names those that follow each other together', async () => {
    const svg = await drawn(rows, { switches });
    expect(texts(svg)).toEqual(expect.arrayContaining(['1 encode → decode', 'An instance changes its role']));
    const two = texts(await drawn(rows, { switches: [...switches, { panel: WITH, seconds: 8, from: 'encode', to: 'decode' }, { panel: WITH, seconds: 20, from: 'encode', to: 'prefill' }] }));
    expect(two).toEqual(expect.arrayContaining(['2 encode → decode', '1 encode → prefill']));
    expect(texts(await drawn())).not.toContain('An instance changes its role');
  });

  it('has one line of waiting requests for each stage that has any, and says when the shorter run is done', async () => {
    const svg = await drawn();
    const lines = (stage: 'encode' | 'decode') => count(svg, new RegExp(`<path[^>]*stroke="${stageColour(stage).replace(/[()]/g, '\\$&')}" stroke-width="1\\.75"`, 'g'));
    expect(lines('encode')).toBe(1);
    expect(lines('decode')).toBe(2);
    expect([...new Set(texts(svg).filter((text) => text.startsWith('done')))]).toEqual(['done, 28 s']);
  });

  it('holds the state of every row, for the table', () => {
    const { data, columns } = chart();
    expect(data[1]).toMatchObject({ panel: WITH, secondsShown: 5, encodeInstances: 4, decodeWaiting: 12, number: 'run/5' });
    expect(columns).toMatchObject({ panel: 'Of', secondsShown: 'From, s', decodeInstances: 'Instances: decode', decodeWaiting: 'Waiting for decode', number: 'Number' });
  });

  it('counts all requests at a stage where it is asked to, and says so', async () => {
    const shown = texts(await drawn(rows, { requests: 'at-stage' }));
    expect(shown).toContain('Requests at a stage');
    expect(shown).not.toContain('Requests waiting');
    expect(chart(rows, { requests: 'at-stage' }).columns).toMatchObject({ decodeWaiting: 'Requests at decode' });
  });

  it('refuses what is not a run, in one line', () => {
    const [first, second] = rows as readonly [RoleTimelineRow, RoleTimelineRow];
    expect(() => chart([second, first])).toThrow(new RangeError(`roleTimeline: seconds 0 in ${WITH} is before 5`));
    expect(() => chart([first])).toThrow(new RangeError(`roleTimeline: seconds 0 in ${WITH} is the only time, a run needs two`));
    expect(() => chart([{ ...first, waiting: of([0, -1, 0]) }, second])).toThrow(new RangeError(`roleTimeline: waiting of prefill -1 in ${WITH} is not a number of at least 0`));
    expect(() => chart([{ ...first, instances: of([Number.NaN, 1, 0]) }, second])).toThrow(new RangeError(`roleTimeline: instances of encode NaN in ${WITH} is not a number of at least 0`));
    const [each] = switches as readonly [RoleSwitch];
    expect(() => chart(rows, { switches: [{ ...each, panel: 'x' }] })).toThrow(new RangeError('roleTimeline: switches x has no row'));
    expect(() => chart(rows, { switches: [{ ...each, seconds: 29 }] })).toThrow(new RangeError(`roleTimeline: switches 29 is not in the time of ${WITH}`));
    expect(() => chart(rows, { switches: [{ ...each, to: 'encode' }] })).toThrow(new RangeError('roleTimeline: switches encode is the role that the instance has'));
  });
});
