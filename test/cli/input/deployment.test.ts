import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { type DeploymentOptions, deploymentOf, withDeployment } from '../../../src/cli/input/deployment.ts';
import { InputError } from '../../../src/io/input-error.ts';
import { type Deployment, OVERLAPS, singleChip } from '../../../src/timing/deployment.ts';

const of = (...argv: readonly string[]): Deployment => {
  const command = withDeployment('time', new Command('time').exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined }));
  return deploymentOf(command.parse(argv, { from: 'user' }).opts<DeploymentOptions>());
};

describe('deployment options', () => {
  it('are one chip unless given', () => expect(of()).toEqual(singleChip));

  it.each([
    [['--tp', '8'], { tensorParallel: 8 }],
    [['--dp', '4'], { dataParallel: 4 }],
    [['--ep', '32'], { expertParallel: 32 }],
    [['--pp', '2'], { pipelineParallel: 2 }],
    [['--redundant-experts', '0'], {}],
    [['--redundant-experts', '32'], { redundantExperts: 32 }],
    [['--expert-load', 'balanced'], {}],
    [['--expert-load', 'power-law:1.2'], { expertLoad: { kind: 'power-law', exponent: 1.2 } }],
    [['--expert-load', 'power-law:1'], { expertLoad: { kind: 'power-law', exponent: 1 } }],
    [['--overlap', 'none'], {}],
    [['--overlap', 'two-batch'], { overlap: 'two-batch' }],
    [['--tp', '2', '--dp', '3', '--ep', '6', '--pp', '5'], { tensorParallel: 2, dataParallel: 3, expertParallel: 6, pipelineParallel: 5 }],
  ] as const)('%j change what they name and nothing else', (argv, changes) => expect(of(...argv)).toEqual({ ...singleChip, ...changes }));

  it('know every kind of overlap', () => {
    for (const overlap of OVERLAPS) expect(of('--overlap', overlap).overlap).toBe(overlap);
  });

  it('reach every field of a deployment', () => {
    const changed = of('--tp', '2', '--dp', '3', '--ep', '6', '--pp', '5', '--redundant-experts', '1', '--expert-load', 'power-law:2', '--overlap', 'two-batch');
    for (const [field, value] of Object.entries(singleChip)) expect(changed[field as keyof Deployment], field).not.toEqual(value);
    expect(Object.keys(changed).sort()).toEqual(Object.keys(singleChip).sort());
  });

  it.each(['tp', 'dp', 'ep', 'pp'])('--%s refuses what is no positive whole number', (field) => {
    for (const text of ['0', '-1', '1.5', '', 'two', '1K', 'NaN', '9007199254740992']) {
      const check = () => of(`--${field}=${text}`);
      expect(check).toThrow(InputError);
      expect(check).toThrow(new InputError(`time: ${field} ${text || '""'} is not a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`));
    }
  });

  it.each(['-1', '1.5', '', 'two', '1000000', '1e3', ' 1'])('--redundant-experts refuses %j', (text) => {
    const check = () => of(`--redundant-experts=${text}`);
    expect(check).toThrow(InputError);
    expect(check).toThrow(new InputError(`time: redundant-experts ${text || '""'} is not a whole number from 0 to 999999`));
  });

  it.each(['', 'even', 'power-law', 'power-law:', 'power-law:x', 'power-law:-1', 'power-law:1.', 'power-law:1e1', 'Balanced', 'power-law:1.2 '])('--expert-load refuses %j', (text) => {
    const check = () => of(`--expert-load=${text}`);
    expect(check).toThrow(InputError);
    expect(check).toThrow(new InputError(`time: expert-load ${text || '""'} is not balanced or power-law:<exponent>, such as power-law:1.2`));
  });

  it('--overlap refuses another word, with the nearest', () => expect(() => of('--overlap', 'two')).toThrow(new InputError('time: overlap two is unknown; nearest: two-batch, none')));
});
