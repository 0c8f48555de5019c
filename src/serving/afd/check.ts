/** @throws RangeError `afd: <field> <value> <rule>` where a rule does not hold */
export function check(field: string, value: number, holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`afd: ${field} ${value} ${rule}`);
}
