import { toldBy } from '../serving/told.ts';

export const told = toldBy('disaggregate');
