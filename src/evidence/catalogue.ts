import { accelerator } from '../accelerators/index.ts';
import { peakFor } from '../accelerators/peak.ts';
import { bytesPerElement } from '../layers/gemm.ts';
import { kvPrecision, type Precision, STORAGE_BITS, type StorageFormat } from '../layers/precision.ts';
import type { SourceNote } from '../provenance/sourced.ts';
import type { Resolver } from './evidence.ts';
import type { LeafSpec } from './number.ts';

/**
 * `model/<id>/<path>`: a field of a catalogue model (`model/step-3/layers.0.attention.queryHeads`), and
 * `model/<id>/bytes-per-element/<group>/<kv|state|weights>`: the bytes of one element under the model's precision policy;
 * `model/<id>/layer-count`: all layers.
 */
export const modelResolver: Resolver = ([id = '', field = '', ...rest], { modelEntry }) => {
  const { model, sources } = modelEntry(id);
  const leaf = (path: string, value: unknown, unit: string, label: string): LeafSpec | null =>
    typeof value === 'number' ? { kind: 'leaf', label: `${label} of ${model.name}`, value, unit, ...cited(sources.get(path)) } : null;
  if (rest.length > 0 && field !== 'bytes-per-element') return null;
  if (field === 'one') return { kind: 'leaf', label: `copies of the embedding and of the head in ${model.name}`, value: 1, unit: '1', source: { kind: 'derived', from: 'definition' } };
  if (field === 'layer-count') return { kind: 'sum', label: `layers of ${model.name}`, unit: '1', terms: model.layers.map((_, group) => `model/${id}/layers.${group}.count`) };
  if (field === 'bytes-per-element') {
    const [group = '', what = ''] = rest;
    const kind = model.layers[Number(group)]?.attention.kind;
    if (kind === undefined || !['kv', 'state', 'weights'].includes(what)) return null;
    const format = what === 'kv' ? kvPrecision(model.precision, kind) : (model.precision[what as 'weights' | 'state'] as StorageFormat | undefined);
    if (format === undefined || !(format in STORAGE_BITS)) return null;
    const override = what === 'kv' && model.precision.kvByKind[kind] !== undefined;
    return leaf(override ? `precision.kvByKind.${kind}` : `precision.${what}`, bytesPerElement(format), 'B', `bytes of one ${what} element (${format})`);
  }
  const group = /^layers\.(\d+)\./.exec(field)?.[1];
  if (field.endsWith('.inputMatrices')) {
    const gated = field.replace(/inputMatrices$/, 'gated');
    const isGated = valueAt(model, gated);
    return typeof isGated === 'boolean' ? leaf(gated, isGated ? 2 : 1, '1', 'input matrices of the feed-forward layers (2 when gated)') : null;
  }
  if (field.endsWith('.attention.kvHeads') && model.layers[Number(group)]?.attention.kind === 'mfa') return leaf(`layers.${group}.attention.kind`, 1, '1', 'key-value heads (MFA shares one)');
  return leaf(field, valueAt(model, field), '1', wordsOf(field));
};

/** `accelerator/<id>/<path>`: a field of a chip; `accelerator/<id>/math-peak/<format>`: the peak at which it computes in a format. */
export const acceleratorResolver: Resolver = ([id = '', field = '', format]) => {
  const { accelerator: chip, sources } = accelerator(id);
  if ((format !== undefined) !== (field === 'math-peak')) return null;
  if (field === 'math-peak') {
    const peak = peakFor(chip, format as Precision);
    const note = peak.fallback ? `${chip.name} has no ${format} peak: it computes at its ${peak.precision} peak` : undefined;
    return { kind: 'leaf', label: `dense ${peak.precision} peak of ${chip.name}`, value: peak.flopPerSecond, unit: 'FLOP/s', ...cited(sources.get(`peak.${peak.precision}`), note) };
  }
  const value = valueAt(chip, field);
  if (typeof value !== 'number') return null;
  return { kind: 'leaf', label: `${wordsOf(field)} of ${chip.name}`, value, unit: unitOf(field), ...cited(sources.get(field)) };
};

/** `context/<S>`: the context length that a question is asked at. */
export const contextResolver: Resolver = ([context = '']) => {
  const value = Number(context);
  if (!/^[1-9]\d*$/.test(context) || !Number.isSafeInteger(value)) return null;
  return { kind: 'leaf', label: 'context length, tokens', value, unit: '1', source: { kind: 'derived', from: 'the question asked' } };
};

function cited(found: SourceNote | undefined, note?: string): Pick<LeafSpec, 'source' | 'note'> {
  const source = found?.source ?? { kind: 'assumed', because: 'no source recorded' };
  const notes = [found?.note, note].filter((text) => text !== undefined);
  return notes.length === 0 ? { source } : { source, note: notes.join('; ') };
}

function valueAt(node: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : undefined), node);
}

const wordsOf = (field: string): string =>
  field
    .replace(/^layers\.\d+\.(attention\.|ffn\.)?/, '')
    .replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
    .replaceAll('.', ' ');

const UNITS: Readonly<Record<string, string>> = {
  usdPerHour: 'USD/h',
  memoryBandwidth: 'B/s',
  memoryCapacity: 'B',
  scaleUpPerDirection: 'B/s',
  nicPerAcceleratorPerDirection: 'B/s',
};
const unitOf = (field: string): string => UNITS[field] ?? (field.startsWith('peak.') ? 'FLOP/s' : '1');
