/** What is found once is kept: simulations and searches give the same for the same question. */
export const kept = <T>(): ((key: string, make: () => T) => T) => {
  const made = new Map<string, T>();
  return (key, make) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make();
    made.set(key, value);
    return value;
  };
};
