/** Amounts as the reasons for a missing plan state them. */
export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
export const milliseconds = (seconds: number): string => `${(seconds * 1e3).toFixed(1)} ms`;
export const excess = (value: number, limit: number): string => `${(100 * (value / limit - 1)).toFixed(0)} % too much`;
