import { paperItems } from '../item.ts';

export { derived, found, type Item } from '../item.ts';

export const ID = 'epd';
export const REFERENCE = 'arXiv:2501.05460v4';
export const { item, printedLeaf } = paperItems(ID, REFERENCE);
