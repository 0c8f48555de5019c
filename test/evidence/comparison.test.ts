import { describe, expect, it } from 'vitest';
import { defaultScenario, paperScenario } from '../../src/evidence/index.ts';
import { openEvidence } from '../../src/papers/index.ts';

describe('crossover numbers', () => {
  const evidence = openEvidence(defaultScenario);
  const total = (model: string, context: number): number => evidence.number(`cost/${model}/h800/${context}/total`).value;

  it('change the order exactly there', () => {
    const { value, label } = evidence.number('crossover/step-3/deepseek-v3/h800/1');
    expect(total('step-3', value)).toBeLessThan(total('deepseek-v3', value));
    expect(total('step-3', value - 1)).toBeGreaterThanOrEqual(total('deepseek-v3', value - 1));
    expect(label).toMatch(/^context at which Step-3 becomes cheaper than DeepSeek-V3 on /);
  });

  it('are absent where the order never changes', () => {
    expect(() => evidence.number('crossover/step-3/ernie-4.5-300b-a47b/h20/1')).toThrow(/names no number/);
  });

  it('compare costs as a ratio', () => {
    const paper = openEvidence(paperScenario);
    const ratio = paper.number('saving/deepseek-v3/h800/step-3/afd:h20+h800/32768').value;
    expect(ratio).toBeCloseTo(paper.number('cost/deepseek-v3/h800/32768/total').value / paper.number('cost/step-3/afd:h20+h800/32768/total').value, 12);
    expect(ratio.toFixed(2)).toBe((0.211 / 0.129).toFixed(2));
  });
});
