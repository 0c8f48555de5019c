import { createHmac, randomUUID } from 'node:crypto';
import type { JsonObject } from '../chart/spec.ts';

const DELIMITER = '<IDS|MSG>';

/** One message of the Jupyter protocol 5.3, as far as a client needs it. */
export interface Message {
  readonly id: string;
  readonly type: string;
  /** id of the request that this answers, empty for a request */
  readonly parent: string;
  readonly content: JsonObject;
}

export const request = (type: string, content: JsonObject = {}): Message => ({ id: randomUUID(), type, parent: '', content });

/** The frames of a request on the wire, signed with the connection's key (HMAC-SHA256). */
export function encode(message: Message, key: string, session: string): string[] {
  const header = { msg_id: message.id, msg_type: message.type, session, username: 'tokenroof', version: '5.3', date: new Date().toISOString() };
  const parts = [header, {}, {}, message.content].map((part) => JSON.stringify(part));
  return [DELIMITER, sign(parts, key), ...parts];
}

/**
 * The message in frames from the kernel, after routing prefixes.
 * @throws Error when the signature or the frame count is wrong
 */
export function decode(frames: readonly Uint8Array[], key: string): Message {
  const texts = frames.map((frame) => Buffer.from(frame).toString());
  const [signature, ...parts] = texts.slice(texts.indexOf(DELIMITER) + 1);
  const [header, parent, , content] = parts;
  if (header === undefined || parent === undefined || content === undefined || signature !== sign(parts, key))
    throw new Error('kernel: message from the kernel is not signed with the key of this session');
  const { msg_id: id, msg_type: type } = JSON.parse(header);
  return { id, type, parent: JSON.parse(parent).msg_id ?? '', content: JSON.parse(content) };
}

function sign(parts: readonly string[], key: string): string {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}
