import { expect, it } from 'vitest';
import { oneLine } from '../../src/io/one-line.ts';

it('shows what a terminal would obey', () => expect(oneLine(' a\r\n\tb\u001b[2J\u202e ')).toBe('a b\\u001b[2J\\u202e'));
