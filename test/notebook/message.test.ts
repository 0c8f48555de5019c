import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decode, encode, request } from '../../src/notebook/message.ts';

const key = 'f00d';
const frames = (message = request('execute_request', { code: '1 + 1' })) => encode(message, key, 'session').map((text) => Buffer.from(text));

describe('message', () => {
  it('is read back as it was sent, behind routing prefixes', () => {
    const sent = request('execute_request', { code: 'a · b' });
    expect(decode([Buffer.from('route'), ...frames(sent)], key)).toEqual(sent);
  });

  it('is signed over header, parent, metadata and content', () => {
    const [delimiter, signature, ...parts] = frames().map(String);
    expect(delimiter).toBe('<IDS|MSG>');
    expect(parts.map((part) => Object.keys(JSON.parse(part)).sort())).toEqual([['date', 'msg_id', 'msg_type', 'session', 'username', 'version'], [], [], ['code']]);
    expect(signature).toBe(createHmac('sha256', key).update(parts.join('')).digest('hex'));
  });

  it('is refused with another key, a changed part or a missing part', () => {
    expect(() => decode(frames(), 'beef')).toThrow(/not signed/);
    expect(() => decode([...frames().slice(0, -1), Buffer.from('{"code":"2"}')], key)).toThrow(/not signed/);
    expect(() => decode(frames().slice(0, -1), key)).toThrow(/not signed/);
  });
});
