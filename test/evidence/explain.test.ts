import { describe, expect, it } from 'vitest';
import { citation, explainText, explainTree, paperScenario } from '../../src/evidence/index.ts';
import { openEvidence } from '../../src/papers/index.ts';

const evidence = openEvidence(paperScenario);

describe('explainText', () => {
  it('opens a ridge point down to its two leaves', () => {
    const text = explainText(evidence, 'step3/table-4/h20/roofline');
    expect(text.split('\n')[0]).toBe('74 FLOP/B  step3/table-4/h20/roofline  [derived]');
    expect(text).toContain('= peak / memoryBandwidth');
    expect(text.match(/source: arXiv:2507\.19427v1, Table 4/g)).toHaveLength(2);
  });

  it('names a number that appeared before instead of opening it again', () => {
    const text = explainText(evidence, 'step3/table-6/step-3/h20/attention-8k');
    expect(text).toContain('(see above)');
    expect(text.match(/accelerator\/h20\/usdPerHour {2}\[stated\]/g)).toHaveLength(1);
  });

  it('gives the same as JSON', () => {
    const tree = explainTree(evidence, 'step3/table-4/h20/roofline');
    expect(tree).toMatchObject({ expression: 'peak / memoryBandwidth', unit: 'FLOP/B', inputs: { peak: { unit: 'FLOP/s', formula: null }, memoryBandwidth: { unit: 'B/s' } } });
    expect(JSON.parse(JSON.stringify(tree))).toEqual(tree);
  });
});

describe('citation', () => {
  const context = { version: '1.2.3', printed: { value: '0.040', where: 'Table 6' } };
  const id = 'step3/table-6/step-3/h20/attention-8k';

  it.each(['markdown', 'bibtex', 'csl-json'] as const)('in %s names value, unit, scenario, version and printed value', (style) => {
    const text = citation(evidence, id, style, context);
    for (const part of ['0.0400970109309 USD', '1.2.3', 'printed 0.040 in Table 6']) expect(text).toContain(part);
    expect(text.replaceAll('\\', '')).toContain(`${id}@paper`);
  });

  it('in CSL-JSON is JSON', () => {
    expect(JSON.parse(citation(evidence, id, 'csl-json', context))).toMatchObject([{ id: `${id}@paper`, type: 'software', version: '1.2.3' }]);
  });

  it('in BibTeX escapes what TeX would read', () => {
    expect(citation(evidence, 'unit-cost/ascend-910b/usd-per-flop/fp8', 'bibtex', { version: '1' })).toMatch(/^@misc\{tokenroof:unit-cost-ascend-910b-usd-per-flop-fp8-paper,\n/);
  });
});
