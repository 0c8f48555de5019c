import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { STAGE_ROLES, type StageRole } from '../../../src/serving/disaggregation/cluster.ts';
import { roleChange } from '../../../src/serving/disaggregation/role-switch.ts';
import { whole } from './support.ts';

type Roles = Parameters<typeof roleChange>[0];
/** Instances and requests of encode, prefill and decode. */
const rolesOf = (...each: readonly (readonly [instances: number, requests: number])[]): Roles =>
  Object.fromEntries(STAGE_ROLES.map((role, at) => [role, { active: Array.from({ length: each[at]?.[0] as number }), requests: each[at]?.[1] as number }])) as unknown as Roles;

describe('roleChange', () => {
  it.each<[string, Roles, readonly [StageRole, StageRole] | null]>([
    ['nothing to do', rolesOf([3, 0], [3, 0], [3, 0]), null],
    ['all have half as many', rolesOf([3, 5], [3, 10], [3, 5]), null],
    ['one has less than half', rolesOf([3, 4], [3, 10], [3, 5]), ['encode', 'prefill']],
    ['the one with more instances gives', rolesOf([2, 0], [3, 4], [1, 10]), ['prefill', 'decode']],
    ['of equals the one with fewer requests', rolesOf([3, 4], [3, 3], [1, 10]), ['prefill', 'decode']],
    ['of equals in all the first', rolesOf([3, 3], [3, 3], [1, 10]), ['encode', 'decode']],
    ['of stages with as many requests the first gets', rolesOf([2, 10], [2, 10], [2, 0]), ['decode', 'encode']],
    ['no stage gives its last', rolesOf([1, 0], [1, 0], [6, 10]), null],
  ])('%s', (_, roles, expected) => {
    expect(roleChange(roles)).toEqual(expected === null ? null : { from: expected[0], to: expected[1] });
  });

  it.each<[Parameters<typeof roleChange>[1], StageRole | null]>([
    [{}, 'encode'],
    [{ encode: 3 }, 'encode'],
    [{ encode: 4 }, 'prefill'],
    [{ encode: 4, prefill: 3 }, null],
  ])('keeps the least of each role: %j', (least, from) => {
    expect(roleChange(rolesOf([4, 0], [2, 0], [1, 10]), least)?.from ?? null).toBe(from);
  });

  it('takes from the role with most instances to spare, not with most', () => {
    expect(roleChange(rolesOf([5, 0], [3, 0], [1, 10]), { encode: 4 })).toEqual({ from: 'prefill', to: 'decode' });
  });

  test.prop([fc.tuple(whole(1, 6), whole(1, 6), whole(1, 6)), fc.tuple(whole(0, 20), whole(0, 20), whole(0, 20)), fc.tuple(whole(1, 4), whole(1, 4), whole(1, 4))], { numRuns: 500 })(
    'goes from a role that has less than half as many requests to the one with most',
    (instances, requests, least) => {
      const roles = rolesOf(...STAGE_ROLES.map((_, at) => [instances[at] as number, requests[at] as number] as const));
      const change = roleChange(roles, Object.fromEntries(STAGE_ROLES.map((role, at) => [role, least[at] as number])));
      const spare = (role: StageRole): number => roles[role].active.length - (least[STAGE_ROLES.indexOf(role)] as number);
      const most = Math.max(...requests);
      const givers = STAGE_ROLES.filter((role) => spare(role) > 0 && 2 * roles[role].requests < most);
      if (change === null) expect(givers).toEqual([]);
      else {
        expect(roles[change.to].requests).toBe(most);
        expect(givers).toContain(change.from);
        expect(spare(change.from)).toBe(Math.max(...givers.map(spare)));
      }
    },
  );
});
