/** Image tokens of InternVL2 as somebody would type them for it alone: every grid of up to 12 tiles, the nearest shape, a thumbnail. */
export function tokensByHand(width: number, height: number): number {
  const shape = width / height;
  let tiles = 1;
  let nearest = Number.POSITIVE_INFINITY;
  for (let count = 1; count <= 12; count++)
    for (let columns = 1; columns <= count; columns++) {
      if (count % columns !== 0) continue;
      const error = Math.abs(shape - columns / (count / columns));
      if (error < nearest || (error === nearest && width * height > 0.5 * 448 * 448 * count)) {
        tiles = count;
        nearest = error;
      }
    }
  return 256 * (tiles > 1 ? tiles + 1 : 1);
}
