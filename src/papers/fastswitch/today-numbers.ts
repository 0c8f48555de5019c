import { link } from '../../accelerators/links.ts';
import type { NumberSpec } from '../../evidence/number.ts';
import { modelEntries } from '../../models/index.ts';
import { bytesOfBlock, piecesOfBlock } from '../../serving/preemption/layout.ts';
import { crossoverGroup } from '../../serving/preemption/transfer.ts';
import { copyConstants, copyData } from '../../timing/copies.ts';
import { COPY_DIRECTIONS, COPY_METHODS, type CopyDirection, type CopyMethod } from '../../timing/copy-data.ts';
import { copyTime } from '../../timing/copy-time.ts';
import { bytesEach, bytesOfDispatch, timedRate, timesLonger } from './formulas.ts';
import { derived, ID } from './item.ts';
import { TODAY, todayCopies, todayLayout, todayMoved, todaySwapSeconds, todayWay, WAY_TIMES, type WayTimes } from './today.ts';
import { cacheLayoutProcedure, carriedRate, swapSecondsProcedure, wayBackProcedure } from './today-formulas.ts';

const own = (path: string): string => `${ID}/today/${path}`;
export const copyId = (method: CopyMethod, direction: CopyDirection, what: string): string => own(`copy/${method}/${direction}/${what}`);
export const linkId = (id: string, method: CopyMethod, direction: CopyDirection, what: string): string => own(`link/${id}/${method}/${direction}/${what}`);
export const layoutId = (model: string, what: string): string => own(`layout/${model}/${what}`);
export const wayId = (model: string, chip: string, over: string, group: number, what: string): string => own(`way/${model}/${chip}/${over}/${group}/${what}`);

const METHOD_NAMES: Readonly<Record<CopyMethod, string>> = {
  loop: 'a call a piece from C++',
  framework: 'a call a piece from Python',
  batch: 'one call for all pieces',
  gather: 'a kernel that reads host memory',
};
const DIRECTION_NAMES: Readonly<Record<CopyDirection, string>> = { h2d: 'host to device', d2h: 'device to host' };
const LARGEST = 2 ** 30;

const isCount = (text: string, most: number): boolean => /^[1-9]\d*$/.test(text) && Number(text) <= most;
const isMethod = (id: string): id is CopyMethod => (COPY_METHODS as readonly string[]).includes(id);
const isDirection = (id: string): id is CopyDirection => (COPY_DIRECTIONS as readonly string[]).includes(id);
const isModel = (id: string): boolean => modelEntries.some(({ model }) => model.id === id);
const among = (all: readonly (string | number)[], text: string): boolean => all.map(String).includes(text);

const asked = (label: string, value: number, unit = '1'): NumberSpec => ({ kind: 'leaf', label, value, unit, source: { kind: 'derived', from: 'the question asked' } });

/** `copy/<method>/<direction>/<dispatch|call|rate|error-mean|error-worst|error-worst-at>`: constants fitted to measured copies, and their errors at sizes that were left out. */
function copyNumber([method = '', direction = '', what = '', ...rest]: readonly string[]): NumberSpec | null {
  if (!isMethod(method) || !isDirection(direction) || rest.length > 0) return null;
  const { error, source, dispatchSeconds, secondsPerCall, bytesPerSecond } = copyConstants(method, direction);
  const { fitted } = copyData.entries.find((entry) => entry.method === method && entry.direction === direction) as (typeof copyData.entries)[number];
  const of = (label: string, value: number, unit: string, constant?: (typeof fitted)[number]): NumberSpec => ({
    kind: 'leaf',
    label: `${label}: ${METHOD_NAMES[method]}, ${DIRECTION_NAMES[direction]}`,
    value,
    unit,
    source,
    ...(constant === undefined || fitted.includes(constant) ? {} : { note: 'that of a call a piece from C++: the copies of this method do not show it' }),
  });
  switch (what) {
    case 'dispatch':
      return of('host time of a call that hides behind copies', dispatchSeconds, 's', 'dispatchSeconds');
    case 'call':
      return of('what a piece takes beside its bytes', secondsPerCall, 's', 'secondsPerCall');
    case 'rate':
      return of('rate of large pieces', bytesPerSecond, 'B/s', 'bytesPerSecond');
    case 'error-mean':
      return of('mean error of sizes that were left out', error.mean, '1');
    case 'error-worst':
      return of('largest error of sizes that were left out', error.worst, '1');
    case 'error-worst-at':
      return of('size of piece of the largest error', error.worstAt, 'B');
    default:
      return null;
  }
}

/** `link/<link>/<raw|rate>`, and `link/<link>/<method>/<direction>/<dispatch|call|rate|half|piece/<bytes>/<time|rate>|crossover/<model>>`: the constants carried to a link. */
function linkNumber([id = '', method = '', direction = '', what = '', ...rest]: readonly string[]): NumberSpec | null {
  if (!among(TODAY.links, id)) return null;
  const { link: over, sources } = link(id);
  if (direction === '' && (method === 'raw' || method === 'rate')) {
    const [field, label] = method === 'raw' ? (['rawPerDirection', 'line rate'] as const) : (['achievedPerDirection', 'rate of large copies'] as const);
    const note = sources.get(field);
    const source = note?.source ?? { kind: 'assumed', because: 'no source recorded' };
    return { kind: 'leaf', label: `${label} of ${over.name}, one way`, value: over[field] as number, unit: 'B/s', source, ...(note?.note === undefined ? {} : { note: note.note }) };
  }
  if (!isMethod(method) || !isDirection(direction)) return null;
  const where = `${over.name}, ${METHOD_NAMES[method]}, ${DIRECTION_NAMES[direction]}`;
  const rate = linkId(id, method, direction, 'rate');
  const here = (constant: string): string => linkId(id, method, direction, constant);
  const constants = { dispatchSeconds: here('dispatch'), secondsPerCall: here('call'), bytesPerSecond: rate };
  const [asks = '', then = '', ...more] = rest;
  switch (what) {
    case 'rate':
      if (rest.length > 0) return null;
      return id === copyData.link.id
        ? { kind: 'sum', label: `rate of large pieces: ${where}`, unit: 'B/s', terms: [copyId(method, direction, 'rate')] }
        : derived(`rate of large pieces: ${where}`, carriedRate, { linkRate: own(`link/${id}/rate`), methodRate: copyId(method, direction, 'rate'), measuredRate: own('measured-rate') });
    case 'call':
    case 'dispatch': {
      if (rest.length > 0) return null;
      const [label, constant] = what === 'call' ? ['what a piece takes beside its bytes', 'secondsPerCall' as const] : ['host time of a call that hides behind copies', 'dispatchSeconds' as const];
      return id === copyData.link.id
        ? { kind: 'sum', label: `${label}: ${where}`, unit: 's', terms: [copyId(method, direction, what)] }
        : { kind: 'leaf', label: `${label}: ${where}`, value: copyConstants(method, direction)[constant], unit: 's', source: { kind: 'assumed', because: todayCopies(id, method).because } };
    }
    case 'half':
      return rest.length > 0 ? null : derived(`piece whose call takes as long as its bytes: ${where}`, bytesOfDispatch, { dispatch: here('call'), bandwidth: rate });
    case 'crossover':
      if (!isModel(asks) || then !== '') return null;
      return derived(`group at which a call takes as long as its bytes: ${asks}, ${where}`, crossoverGroup, {
        dispatch: here('call'),
        bandwidth: rate,
        sliceBytes: layoutId(asks, 'slice-bytes'),
      });
    case 'piece': {
      if (!isCount(asks, LARGEST) || more.length > 0) return null;
      const bytes = own(`piece/${asks}`);
      if (then === 'time') return derived(`time of a piece of ${asks} bytes: ${where}`, copyTime, { bytes, ...constants });
      return then === 'rate' ? derived(`rate of pieces of ${asks} bytes: ${where}`, timedRate, { bytes, time: linkId(id, method, direction, `piece/${asks}/time`) }) : null;
    }
    default:
      return null;
  }
}

/** `layout/<model>/<block-bytes|pieces|slice-bytes|state-bytes>` and `layout/<model>/<tokens>/<group>/<calls|bytes|<link>/seconds>`: the cache of a request on one chip. */
function layoutNumber([model = '', what = '', group = '', ...rest]: readonly string[]): NumberSpec | null {
  if (!isModel(model)) return null;
  const layout = todayLayout(model);
  const inputs = { blockTokens: `${ID}/input/block-tokens`, layers: `model/${model}/layer-count` };
  const found = (label: string, value: number, unit: string, more: Readonly<Record<string, string>> = {}): NumberSpec => ({
    kind: 'found',
    label: `${label}, ${model}`,
    value,
    unit,
    card: cacheLayoutProcedure,
    inputs: { ...inputs, ...more },
  });
  if (group === '')
    switch (what) {
      case 'block-bytes':
        return found('bytes of a block', bytesOfBlock(layout), 'B');
      case 'pieces':
        return found('copy calls of a block', piecesOfBlock(layout), '1');
      case 'slice-bytes':
        return derived(`bytes of a mean slice, ${model}`, bytesEach, { bytes: layoutId(model, 'block-bytes'), count: layoutId(model, 'pieces') });
      case 'state-bytes':
        return found('bytes of recurrent states of a request', layout.states.bytes, 'B');
      default:
        return null;
    }
  if (!isCount(what, TODAY.longest) || !among(TODAY.groups, group)) return null;
  const [tokens, blocks] = [Number(what), Number(group)];
  const of = { tokens: `context/${what}`, groupBlocks: own(`group/${group}`) };
  const label = `${what} tokens${blocks === 1 ? '' : ` in groups of ${blocks} blocks`}`;
  const [asks = '', then = '', ...more] = rest;
  if (more.length > 0) return null;
  if (asks === 'calls' && then === '') return found(`copy calls of ${label}`, todayMoved(model, tokens, blocks).calls, '1', of);
  if (asks === 'bytes' && then === '') return found(`bytes of ${label}`, todayMoved(model, tokens, blocks).bytes, 'B', of);
  if (!among(TODAY.links, asks) || then !== 'seconds') return null;
  const { method } = TODAY;
  return {
    kind: 'found',
    label: `time out to the host and back of ${label}, ${model}, ${asks}`,
    value: todaySwapSeconds(model, tokens, blocks, asks),
    unit: 's',
    card: swapSecondsProcedure,
    inputs: {
      calls: layoutId(model, `${what}/${group}/calls`),
      bytes: layoutId(model, `${what}/${group}/bytes`),
      callOut: linkId(asks, method, 'd2h', 'call'),
      callIn: linkId(asks, method, 'h2d', 'call'),
      rateOut: linkId(asks, method, 'd2h', 'rate'),
      rateIn: linkId(asks, method, 'h2d', 'rate'),
    },
  };
}

/**
 * `way/<model>/<chip>/<link>/<group>/<what>`: `chips`; `<exact|trend|calibrated>/<from|to>`, the first and last context at which recomputing is faster, where it ever is, and
 * `.../changes`; `<context>/<swap|bound|calibrated>`, times.
 */
function wayNumber([model = '', chip = '', over = '', group = '', what = '', then = '', ...rest]: readonly string[]): NumberSpec | null {
  if (!among(TODAY.models, model) || !among(TODAY.chips, chip) || !among(TODAY.links, over) || !among(TODAY.groups, group) || rest.length > 0) return null;
  const way = todayWay(model, chip, over, Number(group));
  const { method } = TODAY;
  const found = (label: string, value: number, unit = '1', more: Readonly<Record<string, string>> = {}): NumberSpec => ({
    kind: 'found',
    label: `${label}: ${model}, ${chip}, ${over}${group === '1' ? '' : `, groups of ${group} blocks`}`,
    value,
    unit,
    card: wayBackProcedure,
    inputs: {
      blockTokens: `${ID}/input/block-tokens`,
      groupBlocks: own(`group/${group}`),
      layers: `model/${model}/layer-count`,
      memoryBandwidth: `accelerator/${chip}/memoryBandwidth`,
      callOut: linkId(over, method, 'd2h', 'call'),
      callIn: linkId(over, method, 'h2d', 'call'),
      rateOut: linkId(over, method, 'd2h', 'rate'),
      rateIn: linkId(over, method, 'h2d', 'rate'),
      ...more,
    },
    ...(way.fits ? {} : { note: `${way.tensorParallel} of these chips do not hold the model: as if they did` }),
  });
  if (what === 'chips' && then === '') return found('chips', way.tensorParallel);
  if ((WAY_TIMES as readonly string[]).includes(what)) {
    const times = what as WayTimes;
    const range = way.recompute[times];
    const name = { exact: 'data-sheet rates, whole blocks', trend: 'data-sheet rates, mean over a block', calibrated: 'calibrated kernels, mean over a block' }[times];
    if (then === 'changes') return found(`changes of the faster way, ${name}`, way.changes[times]);
    if (range === null) return null;
    if (then === 'from') return found(`first context at which recomputing is faster, ${name}`, range.from);
    return then === 'to' ? found(`last context at which recomputing is faster, ${name}`, range.to) : null;
  }
  if (!isCount(what, TODAY.longest)) return null;
  const [context, of] = [Number(what), { context: `context/${what}` }];
  switch (then) {
    case 'swap':
      return found(`time out to the host and back of ${what} tokens`, way.swapSeconds(context), 's', of);
    case 'bound':
      return found(`least time to compute ${what} tokens again`, way.recomputeSeconds.bound(context), 's', of);
    case 'calibrated':
      return found(`expected time to compute ${what} tokens again`, way.recomputeSeconds.calibrated(context), 's', of);
    default:
      return null;
  }
}

/**
 * Numbers of copies, caches and ways back today, `fastswitch/today/<...>`, as `copyNumber`, `linkNumber`, `layoutNumber` and `wayNumber` say; `measured-rate`,
 * `group/<blocks>`, `piece/<bytes>`; `group-gain/<model>/<tokens>/<link>`: how many times as fast a swap is in groups.
 */
export function todayNumber([head = '', kind = '', ...path]: readonly string[]): NumberSpec | null {
  if (head !== 'today') return null;
  const [first = '', second = '', third = '', ...rest] = path;
  switch (kind) {
    case 'copy':
      return copyNumber(path);
    case 'link':
      return linkNumber(path);
    case 'layout':
      return layoutNumber(path);
    case 'way':
      return wayNumber(path);
    case 'measured-rate':
      return path.length > 0
        ? null
        : { kind: 'leaf', label: `rate of a large copy on ${copyData.link.id}, faster direction`, value: copyData.link.achievedPerDirection, unit: 'B/s', source: copyConstants('loop', 'h2d').source };
    case 'group':
      return among(TODAY.groups, first) && second === '' ? asked('blocks that lie together', Number(first)) : null;
    case 'piece':
      return isCount(first, LARGEST) && second === '' ? asked('bytes of a piece', Number(first), 'B') : null;
    case 'group-gain': {
      if (!isModel(first) || !isCount(second, TODAY.longest) || !among(TODAY.links, third) || rest.length > 0) return null;
      const [single, grouped] = TODAY.groups.map((blocks) => layoutId(first, `${second}/${blocks}/${third}/seconds`)) as [string, string];
      return derived(`times as fast in groups: ${second} tokens, ${first}, ${third}`, timesLonger, { value: single, other: grouped });
    }
    default:
      return null;
  }
}
