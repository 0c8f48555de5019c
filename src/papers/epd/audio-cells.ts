import type { NumberSpec } from '../../evidence/number.ts';
import { procedure } from '../../provenance/card.ts';
import { gapsOf } from '../../serving/engine/arrivals.ts';
import { randomOf } from '../../serving/engine/random.ts';
import type { PrintedCell } from '../printed.ts';
import { ATTAINMENT } from './allocations.ts';
import { AUDIO_SYSTEMS, type AudioSystem, audioGoodput, audioRows, audioSetting } from './data/audio.ts';
import { CLIENT } from './data/runs.ts';
import { derived, found, ID, type Item, item, printedLeaf } from './item.ts';
import type { OpenLatencyCell } from './latency-cells.ts';
import { rateBetween } from './simulated-formulas.ts';

const id = (path: string): string => `${ID}/${path}`;

/** Instances of DistServe that encode and read: 3P1D. */
const DISTSERVE_WORKERS = 3;

export const servedAtOnceProcedure = procedure({
  id: 'epd/served-at-once',
  name: 'Share of requests that find a worker free',
  steps: ['let the requests arrive; each takes the worker that is free first, for a time that is the same for all', 'count those that need not wait'],
  source: { kind: 'derived', from: 'definition' },
});

/**
 * Share of the client's requests that find one of several workers free at a rate, where each takes `seconds`, first come first served. A request that takes all of its
 * objective keeps it only if it need not wait; one that takes longer never does.
 */
export function servedAtOnce(workers: number, seconds: number, rate: number): number {
  const free = new Float64Array(workers);
  let [time, atOnce] = [0, 0];
  for (const gap of gapsOf({ kind: 'poisson' }, CLIENT.requests, randomOf(CLIENT.seed))) {
    time += gap / rate;
    const first = free.indexOf(Math.min(...free));
    const start = Math.max(time, free[first] as number);
    if (start === time) atOnce++;
    free[first] = start + seconds;
  }
  return atOnce / CLIENT.requests;
}

/** The rates between which the printed attainment of a system falls to what goodput asks; null where it stays above. */
function crossingOf(system: AudioSystem): readonly [string, string] | null {
  const at = audioRows.findIndex(({ attainment }) => Number(attainment[system]) < ATTAINMENT);
  return at < 1 ? null : [(audioRows[at - 1] as (typeof audioRows)[number]).rate, (audioRows[at] as (typeof audioRows)[number]).rate];
}

const NAMES = { vllm: 'vLLM', distserve: 'DistServe', epd: 'EPD' } as const satisfies Readonly<Record<AudioSystem, string>>;
const where = (system: AudioSystem, what: string): string => `Table 7, ${NAMES[system]} (${audioSetting.placement[system]}), ${what}`;
const attainmentId = (system: AudioSystem, rate: string): string => id(`printed/table-7/${system}/${rate}`);
const TWO_DIGITS = 'the printed attainments beside it have two digits, which allow any rate of a few hundredths around';

/** Goodput of Table 7 from its attainments, on the line between two rates, as the released code has it. */
export const audioItems: readonly Item[] = AUDIO_SYSTEMS.flatMap((system) => {
  const rates = crossingOf(system);
  if (rates === null) return [];
  const [low, high] = rates;
  return [
    item(
      `table-7/${system}/goodput`,
      audioGoodput[system],
      where(system, 'goodput, from the printed attainments'),
      derived(`goodput of ${NAMES[system]}, audio`, rateBetween, {
        low: id(`setting/audio-rate/${low}`),
        high: id(`setting/audio-rate/${high}`),
        more: attainmentId(system, low),
        less: attainmentId(system, high),
        asked: id('setting/attainment'),
      }),
      system === 'vllm' ? { deviates: TWO_DIGITS } : {},
    ),
  ];
});

const printedAt = (rate: string): string => (audioRows.find((row) => row.rate === rate) as (typeof audioRows)[number]).attainment.distserve;
const BOUND_RATE = '0.25';
const NO_FORM = `times of a file are not published, and the curves share no form: DistServe attains ${printedAt(BOUND_RATE)} at ${BOUND_RATE} requests/s, where more find one of its ${DISTSERVE_WORKERS} workers free even if each request takes all of its objective, see audio/free-worker-share/${BOUND_RATE}, and its decode worker is as that of EPD, which attains more. Tried: one time of encoding and one of prefill for all systems, least loaded and in turn, with and without decode steps that prompts interrupt`;

const openCell = (path: string, printed: string, at: string, because: string): OpenLatencyCell => {
  const cell: PrintedCell = { id: id(path), paper: ID, table: 'table-7', printed, scale: 1, where: at };
  return { cell, because };
};

/** Cells of Table 7 that nothing here computes. */
export const openAudioCells: readonly OpenLatencyCell[] = AUDIO_SYSTEMS.flatMap((system) => [
  ...audioRows.map(({ rate, attainment }) => openCell(`table-7/${system}/${rate}`, attainment[system], where(system, `attainment at ${rate} requests/s`), NO_FORM)),
  ...(crossingOf(system) === null ? [openCell(`table-7/${system}/goodput`, audioGoodput[system], where(system, 'goodput'), `its attainment is above ${ATTAINMENT} at every rate of the table`)] : []),
]);

const numbers: Readonly<Record<string, Item['number']>> = {
  'setting/audio-objective': printedLeaf('objective of TTFT, audio', audioSetting.slo.ttft, 's', 'Table 7'),
  'setting/audio-workers': printedLeaf('workers of DistServe that encode and read audio', DISTSERVE_WORKERS, '1', 'Table 7'),
  ...Object.fromEntries(
    audioRows.flatMap(({ rate, attainment }) => [
      [`setting/audio-rate/${rate}`, printedLeaf('requests per second, audio', Number(rate), '1/s', 'Table 7')] as const,
      ...AUDIO_SYSTEMS.map((system) => [`printed/table-7/${system}/${rate}`, printedLeaf(`attainment of ${NAMES[system]}, audio`, Number(attainment[system]), '1', 'Table 7')] as const),
      [
        `audio/free-worker-share/${rate}`,
        found(
          `requests that find a worker free at ${rate} requests/s, if each takes as long as its objective allows`,
          '1',
          servedAtOnceProcedure,
          {
            rate: id(`setting/audio-rate/${rate}`),
            seconds: id('setting/audio-objective'),
            workers: id('setting/audio-workers'),
            requests: id('setting/requests'),
            seed: id('setting/seed'),
          },
          () => servedAtOnce(DISTSERVE_WORKERS, audioSetting.slo.ttft, Number(rate)),
        ),
      ] as const,
    ]),
  ),
};

/** `epd/...`: `audio/free-worker-share/<rate>`, `printed/table-7/<system>/<rate>`, `setting/audio-...`. */
export function audioNumber(path: readonly string[]): NumberSpec | null {
  const key = path.join('/');
  const number = Object.hasOwn(numbers, key) ? numbers[key] : undefined;
  return (typeof number === 'function' ? number() : number) ?? null;
}
