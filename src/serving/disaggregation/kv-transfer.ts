import { formula } from '../../provenance/card.ts';

const DISTSERVE = { kind: 'paper', id: 'arXiv:2401.09670v3', at: 'section 3.3' } as const;

/**
 * Bytes of keys and values that a prompt leaves behind, all layers: what goes from the prefill to the decode instance.
 *   B = l b   [B]   l tokens of the prompt, b bytes of a token (`modelCache(model).perToken`)
 * Ignored: pages that are not full, headers.
 */
export const promptKvBytes = formula({
  id: 'distserve/kv-bytes',
  name: 'Keys and values of a prompt',
  symbols: { tokens: { unit: '1', meaning: 'tokens of the prompt', tex: 'l' }, bytesPerToken: { unit: 'B', meaning: 'keys and values of one token, all layers', tex: 'b' } },
  expression: 'tokens * bytesPerToken',
  unit: 'B',
  evaluate: ({ tokens, bytesPerToken }) => {
    check('tokens', tokens, isAmount(tokens), 'is not a finite number of at least 0');
    check('bytesPerToken', bytesPerToken, isAmount(bytesPerToken), 'is not a finite number of bytes of at least 0');
    return tokens * bytesPerToken;
  },
  source: DISTSERVE,
});

/** Bandwidth that transfers need on average so that they do not pile up: R B [B/s]. Ignored: bursts. */
export const kvBandwidthDemand = formula({
  id: 'distserve/kv-bandwidth-demand',
  name: 'Bandwidth that transfers of keys and values need',
  symbols: { rate: { unit: '1/s', meaning: 'requests per second', tex: 'R' }, bytes: { unit: 'B', meaning: 'keys and values of one request', tex: 'B' } },
  expression: 'rate * bytes',
  unit: 'B/s',
  evaluate: ({ rate, bytes }) => {
    check('rate', rate, isAmount(rate), 'is not a finite number of at least 0');
    check('bytes', bytes, isAmount(bytes), 'is not a finite number of bytes of at least 0');
    return rate * bytes;
  },
  source: DISTSERVE,
});

/** Time of one transfer that has a link for itself: B / N [s]. Ignored: start-up, other transfers on the link, overlap of layers with prefill. */
export const kvTransferTime = formula({
  id: 'distserve/kv-transfer-time',
  name: 'Time of a transfer of keys and values',
  symbols: { bytes: { unit: 'B', meaning: 'keys and values of one request', tex: 'B' }, bandwidth: { unit: 'B/s', meaning: 'rate of the link, one way', tex: 'N' } },
  expression: 'bytes / bandwidth',
  unit: 's',
  evaluate: ({ bytes, bandwidth }) => {
    check('bytes', bytes, isAmount(bytes), 'is not a finite number of bytes of at least 0');
    check('bandwidth', bandwidth, bandwidth > 0 && isAmount(bandwidth), 'is not a positive number of bytes per second');
    return bytes / bandwidth;
  },
  source: { kind: 'derived', from: 'bytes over the rate of the link' },
});

const isAmount = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY;

function check(field: string, value: number, holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`kv-transfer: ${field} ${value} ${rule}`);
}
