import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { accelerator, link, links } from '../../src/accelerators/index.ts';

test('ids are unique', () => expect(new Set(links.map((entry) => entry.link.id)).size).toBe(links.length));

describe.each(links.map((entry) => [entry.link.id, entry] as const))('%s', (_, { link: wire, sources }) => {
  test('has a source for every field', () => expect([...sources.keys()].sort()).toEqual(Object.keys(wire).sort()));

  test('achieves less than its line rate in each direction', () => {
    expect(wire.achievedPerDirection ?? 0).toBeLessThan(wire.rawPerDirection);
    expect(wire.achievedBothDirections ?? 0).toBeLessThan(2 * wire.rawPerDirection);
    expect(wire.achievedAllReduce ?? 0).toBeLessThan(wire.rawPerDirection);
  });
});

test.each([
  ['h800', 'nvlink4-h800'],
  ['h20', 'nvlink4'],
  ['a800', 'nvlink3-a800'],
  ['ascend-910b', 'hccs-a2'],
  ['l20', 'pcie4-x16'],
  ['l4', 'pcie4-x16'],
  ['a10', 'pcie4-x16'],
  ['a100-80g', 'nvlink3'],
  ['h100', 'nvlink4'],
  ['h200', 'nvlink4'],
])('%s and %s agree', (chip, wire) => expect(accelerator(chip).accelerator.scaleUpPerDirection).toBe(link(wire).link.rawPerDirection));

test('Step-3 and DeepSeek count 40 of 50 GB/s per network card', () => {
  const card = link('net-400g').link;
  expect((card.achievedPerDirection ?? 0) / card.rawPerDirection).toBe(0.8);
});

test('a link of Grace is faster than PCIe 6, and both ways at once it moves less than one way does, for the memory behind it', () => {
  const [grace, pcie] = [link('nvlink-c2c'), link('pcie6-x16')];
  expect([pcie.link.rawPerDirection, pcie.link.achievedPerDirection, pcie.link.achievedBothDirections]).toEqual([1.21e11, null, null]);
  expect(grace.link.achievedPerDirection).toBeGreaterThan(pcie.link.rawPerDirection);
  expect(grace.link.achievedBothDirections).toBeLessThan(grace.link.achievedPerDirection as number);
  expect(grace.sources.get('achievedPerDirection')?.note).toMatch(/^host to device, .*; 3\.77e11 to the host$/);
});

test('an unknown id lists the nearest', () => {
  expect(() => link('pcie5')).toThrow(new RangeError('links: id pcie5 is unknown; nearest: pcie5-x16, pcie3-x16, pcie4-x16'));
});

const collected = new URL('../../../shared/accelerators/links.json', import.meta.url);

test.skipIf(!existsSync(collected))('line rates are those of the collected facts (skipped where the folder beside the project is absent)', () => {
  interface Fact {
    readonly id: string;
    readonly fields: Readonly<Record<string, { readonly value: number } | undefined>>;
  }
  const facts = JSON.parse(readFileSync(collected, 'utf8')) as readonly Fact[];
  for (const { link: wire } of links) {
    const fields = facts.find((fact) => fact.id === wire.id)?.fields;
    expect((fields?.rawPerDirection ?? fields?.rawPerDirectionAllPeers)?.value, wire.id).toBe(wire.rawPerDirection);
    const achieved = fields?.achievedPerDirection ?? fields?.effectivePerDirection ?? fields?.achievedPeerToPeer ?? fields?.achievedHostToDevice;
    if (achieved !== undefined) expect(achieved.value, wire.id).toBe(wire.achievedPerDirection);
  }
});
