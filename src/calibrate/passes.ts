import { h100Steps, type PassCase, predictPass, published } from '../papers/timing/cases.ts';
import type { CalibrationData, PassResiduals } from '../timing/calibration-data.ts';

export const NO_PASSES: PassResiduals = { groups: [], coverage: { points: 0, inside: 0 } };

const CASES: readonly PassCase[] = [...h100Steps, ...published];

const groupOf = ({ model, chip, pass }: PassCase): string => `${model} ${chip} ${pass.phase}`;

/** log(measured / predicted) of every whole pass that was measured, and how many lie in the interval that the other groups give. */
export function passResiduals(data: CalibrationData): PassResiduals {
  const residual = (each: PassCase): number => {
    const ratio = Math.log(Number(each.measured) / predictPass(each, data).value);
    return Number((each.unit === 'ms' ? ratio : -ratio).toFixed(4));
  };
  const groups = [...new Set(CASES.map(groupOf))].map((id) => ({
    id,
    residuals: CASES.filter((each) => groupOf(each) === id)
      .map(residual)
      .sort((a, b) => a - b),
  }));
  const inside = CASES.filter((each) => {
    const { low, high } = predictPass(each, { ...data, passes: { ...NO_PASSES, groups: groups.filter(({ id }) => id !== groupOf(each)) } });
    return low <= Number(each.measured) && Number(each.measured) <= high;
  });
  return { groups, coverage: { points: CASES.length, inside: inside.length } };
}
