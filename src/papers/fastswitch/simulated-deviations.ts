/** By path of the cell: why the simulation is not as near as asked. */
export const simulatedDeviations: ReadonlyMap<string, string> = new Map();
