import { describe, expect, it } from 'vitest';
import { excess, gigabytes, memoryShortage, milliseconds } from '../../../src/serving/afd/shortage.ts';

describe('amounts', () => {
  it('are in GB of 10^9 bytes, in milliseconds, and in per cent beyond the limit', () => {
    expect([gigabytes(77_309_411_328), gigabytes(5e7), milliseconds(0.0123), milliseconds(2)]).toEqual(['77.3 GB', '0.1 GB', '12.3 ms', '2000.0 ms']);
    expect([excess(3, 2), excess(2.002, 2), excess(2.02, 2), excess(20, 2)]).toEqual(['50 % too much', 'less than 1 % too much', '1 % too much', '900 % too much']);
  });
});

describe('memoryShortage', () => {
  const [enough, full, short] = [
    { bytes: 5e9, usable: 7e10 },
    { bytes: 7e10, usable: 7e10 },
    { bytes: 8.4e10, usable: 7e10 },
  ];

  it('is none where both sides fit, full or not', () => expect(memoryShortage({ attentionMemory: enough, ffnMemory: full })).toBeNull());
  it('names the side that does not fit, attention first', () => {
    expect(memoryShortage({ attentionMemory: enough, ffnMemory: short })).toBe('ffn memory: 84.0 GB of a chip, 70.0 GB can be used: 20 % too much');
    expect(memoryShortage({ attentionMemory: short, ffnMemory: short })).toBe('attention memory: 84.0 GB of a chip, 70.0 GB can be used: 20 % too much');
  });
});
