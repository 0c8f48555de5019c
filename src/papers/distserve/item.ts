import { paperItems } from '../item.ts';

export { derived, found, type Item } from '../item.ts';

export const ID = 'distserve';
export const { item, printedLeaf } = paperItems(ID, 'arXiv:2401.09670v3');
