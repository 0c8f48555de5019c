import { describe, expect, it } from 'vitest';
import { paperScenario } from '../../src/evidence/index.ts';
import { validateVision } from '../../src/layers/vision.ts';
import { modelOf, parameters } from '../../src/models/index.ts';
import { openEvidence } from '../../src/papers/index.ts';
import { step3Encoder } from '../../src/papers/step3/vision.ts';

const evidence = openEvidence(paperScenario);
const CELLS = ['step3/table-1/total-parameters-vlm', 'step3/abstract/total-parameters-vlm'];
const billions = (value: number): string => (value / 1e9).toFixed(0);

describe('the vision encoder of Step-3', () => {
  const { value: vision } = step3Encoder;
  const text = modelOf('step-3');

  it('is an encoder that the layers of the project can count', () => expect(() => validateVision(vision)).not.toThrow());

  it.each(CELLS)('gives %s, on an assumption', (cell) => {
    const { value, weakest } = evidence.number(cell);
    expect([billions(value), weakest]).toEqual(['321', 'assumed']);
    expect(value).toBe(parameters({ ...text, vision }).total.all);
    const assumed = evidence.tree(cell).filter(({ basis }) => basis === 'assumed');
    expect(assumed.map(({ id }) => id)).toEqual(['step3/encoder/intermediate']);
    for (const { formula, source } of evidence.tree(cell)) expect(formula !== null || source !== null).toBe(true);
  });

  it('does not give it at the width of the config class, nor at four times its own', () => {
    const at = (intermediate: number): string => billions(parameters({ ...text, vision: { ...vision, intermediate } }).total.all);
    expect([at(3072), at(4 * vision.hidden)]).toEqual(['318', '319']);
  });

  it('is counted nowhere else: the catalogue entry decodes text', () => {
    expect(text.vision).toBeUndefined();
    expect(billions(evidence.number('step3/table-1/total-parameters-llm').value)).toBe('316');
    expect(evidence.number('step3/encoder/weights').value).toBe(parameters({ ...text, vision }).parts.vision);
  });

  it('has no other numbers', () => {
    for (const name of ['heads', 'weights/layers/0', 'constructor', 'stem.2.inputs']) expect(evidence.find(`step3/encoder/${name}`)).toBeNull();
  });
});
