/** Requests as columns, in the order of their arrival. */
export interface Requests {
  /** seconds, never falling */
  readonly arrival: Float64Array;
  /** tokens, at least 1 each */
  readonly prompt: Int32Array;
  readonly output: Int32Array;
  /** what an encoder has to read first, from 0 on: images, tiles of them, audio clips; none unless given */
  readonly media?: Int32Array;
}

/** Longest prompt and output together that the columns hold. */
export const LONGEST_REQUEST = 2 ** 24;
/** Most media of one request. */
export const MOST_MEDIA = 2 ** 16;

/**
 * Checks columns and takes them over.
 * @throws RangeError `<place>: request <number> <field> <value> <rule>`, the first request is 1
 */
export function requestsOf(arrival: ArrayLike<number>, prompt: ArrayLike<number>, output: ArrayLike<number>, place = 'requests', media?: ArrayLike<number>): Requests {
  const count = arrival.length;
  if (count === 0) throw new RangeError(`${place}: requests 0 must be at least 1`);
  if (prompt.length !== count) throw new RangeError(`${place}: prompt ${prompt.length} values are not one for each of ${count} arrivals`);
  if (output.length !== count) throw new RangeError(`${place}: output ${output.length} values are not one for each of ${count} arrivals`);
  if (media !== undefined && media.length !== count) throw new RangeError(`${place}: media ${media.length} values are not one for each of ${count} arrivals`);
  const fail = (at: number, field: string, value: number, rule: string): never => {
    throw new RangeError(`${place}: request ${at + 1} ${field} ${value} ${rule}`);
  };
  let before = 0;
  for (let at = 0; at < count; at++) {
    const time = arrival[at] as number;
    if (!(time >= 0 && time < Number.POSITIVE_INFINITY)) fail(at, 'arrival', time, 'is not a number of seconds from 0 on');
    if (time < before) fail(at, 'arrival', time, `is before the one above, ${before}`);
    before = time;
    const [tokens, made] = [prompt[at] as number, output[at] as number];
    if (!(Number.isInteger(tokens) && tokens >= 1)) fail(at, 'prompt', tokens, 'is not a whole number of at least 1');
    if (!(Number.isInteger(made) && made >= 1)) fail(at, 'output', made, 'is not a whole number of at least 1');
    if (tokens + made > LONGEST_REQUEST) fail(at, 'prompt + output', tokens + made, `is more than ${LONGEST_REQUEST} tokens`);
    const items = media?.[at] ?? 0;
    if (!(Number.isInteger(items) && items >= 0 && items <= MOST_MEDIA)) fail(at, 'media', items, `is not a whole number from 0 to ${MOST_MEDIA}`);
  }
  return { arrival: Float64Array.from(arrival), prompt: Int32Array.from(prompt), output: Int32Array.from(output), ...(media === undefined ? {} : { media: Int32Array.from(media) }) };
}
