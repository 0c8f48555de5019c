import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { countingOf } from '../../../src/cli/input/counting.ts';
import { COUNTING_SWITCHES, exactCounting, step3Counting } from '../../../src/layers/counting.ts';

const of = countingOf('cost');

describe('countingOf', () => {
  it('reads presets, switches off, switches on and switches alone', () => {
    expect(of('step3')).toEqual(step3Counting);
    expect(of('exact')).toEqual(exactCounting);
    expect(of('exact-head')).toEqual({ ...exactCounting, head: false });
    expect(of('exact-head-router')).toEqual(of('exact,-head,-router'));
    expect(of('step3+router+head')).toEqual({ ...step3Counting, router: true, head: true });
    expect(of('router,head')).toEqual(of('step3+router+head'));
    expect(of('kvWrite')).toEqual({ ...step3Counting, kvWrite: true });
  });

  it.each([
    ['exakt', 'cost: counting exakt is unknown; nearest: exact, head, step3'],
    ['exact-haed', 'cost: counting haed is unknown; nearest: head'],
    ['exact-head-head', 'cost: counting head is given twice'],
    ['exact+head', 'cost: counting exact+head turns head on, which exact does already'],
    ['step3-head', 'cost: counting step3-head turns head off, which step3 does already'],
    ['head,exact', 'cost: counting exact is unknown'],
    ['', 'cost: counting "" is unknown'],
    ['exact-', 'cost: counting "" is unknown'],
    ['toString', 'cost: counting toString is unknown'],
  ])('refuses %j', (text, message) => expect(() => of(text)).toThrow(message));

  test.prop([fc.subarray([...COUNTING_SWITCHES], { minLength: 1 })])('both presets reach every counting', (on) => {
    const off = COUNTING_SWITCHES.filter((name) => !on.includes(name));
    expect(of(['exact', ...off].join('-'))).toEqual(of(['step3', ...on].join('+')));
    expect(of(on.join(','))).toEqual(of(['step3', ...on].join('+')));
  });
});
