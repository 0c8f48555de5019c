export { ContextCurve, isCurve, type Span, spans, type Term } from './context-curve.ts';
export { type ContextExpression, type ContextFunction, evaluate, maxOf, minOf, scaled, sumOf, sumOver } from './context-expression.ts';
export { type Crossing, crossings, type PeriodicCrossings, periodicCrossings } from './crossings.ts';
export { type EnvelopeSide, envelope } from './envelope.ts';
export { binary, contextLabel, fixed, scientific, si, significant, usdPerMtok } from './format.ts';
export { editDistance, findOrNearest, nearest } from './nearest.ts';
export { type Bytes, type BytesPerSecond, bytes, bytesPerSecond, type FlopPerSecond, flopPerSecond, type Quantity, type Seconds, seconds, type UsdPerHour, usdPerHour } from './quantity.ts';
