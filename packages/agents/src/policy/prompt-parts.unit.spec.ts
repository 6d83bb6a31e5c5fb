import type { Contract } from '@towpath/contracts/contract';
import { Mask } from './masked.js';
import { promptParts, promptText } from './prompt-parts.js';

interface Note {
  readonly noteId: string;
  readonly personId: string;
  readonly phone: string | null;
  readonly body: string;
  readonly summary: string;
  readonly untagged: string;
  readonly amountMinor: number;
}

const Note: Contract<Note> = {
  type: 'notes.v1.Note',
  name: 'Note',
  kind: 'event',
  topic: 'notes.events',
  stream: 'note',
  key: 'noteId',
  producers: ['support'],
  retention: 'forever',
  pii: [
    { name: 'phone', subject: 'personId' },
    { name: 'body', subject: 'personId' },
    { name: 'summary', subject: 'personId' },
  ],
  prompt: { phone: 'never', body: 'masked', summary: 'allowed' },
  doc: 'A note.',
  schema: {},
};

const note: Note = {
  noteId: 'n1',
  personId: 'p1',
  phone: '+49 170 1234567',
  body: 'I am ann@example.com, card 4242 4242 4242 4242, call +49 170 1234567, again ANN@example.com',
  summary: 'Ann wants her money\u001b[2J back',
  untagged: 'password is sk_live_0123456789',
  amountMinor: 1999,
};

const shown = (options = {}) => promptParts(Note, note, { taint: 'untrusted', ...options });
const textOf = (label: string) => shown().parts.find((part) => part.label === label)?.text;

describe('what a model is shown of a message', () => {
  it('never holds a field that is tagged never', () => {
    expect(JSON.stringify(shown().parts)).not.toContain('170 1234567');
    expect(shown().withheld).toEqual(['phone']);
  });

  it('masks what names a person, the same thing by the same number', () => {
    expect(textOf('Note.body')).toBe('I am [e-mail 1], card [card 1], call [phone 1], again [e-mail 1]');
  });

  it('follows the same tags for a field alone', () => {
    expect(promptText(Note, 'body', note.body)).toBe(textOf('Note.body'));
    expect(promptText(Note, 'summary', note.summary)).toBe(textOf('Note.summary'));
    expect(promptText(Note, 'phone', note.phone!)).toBeUndefined();
  });

  it('holds what is allowed, without escape sequences', () => {
    expect(textOf('Note.summary')).toBe('Ann wants her money back');
  });

  it('treats a personal field without a tag as never, and other text without one as masked', () => {
    const untagged = { ...Note, prompt: {} };
    const { parts, withheld } = promptParts(untagged, note, { taint: 'untrusted' });
    expect(withheld).toEqual(['phone', 'body', 'summary']);
    expect(parts.find(({ label }) => label === 'Note.untagged')?.text).toBe('password is [secret]');
    expect(parts.find(({ label }) => label === 'Note.amountMinor')?.text).toBe('1999');
  });

  it('labels each part like the message, and what has no label as untrusted', () => {
    expect(new Set(shown({ taint: 'provider', source: 'm1' }).parts.map(({ taint }) => taint))).toEqual(
      new Set(['provider']),
    );
    expect(shown({ taint: undefined }).parts.every(({ taint }) => taint === 'untrusted')).toBe(true);
  });

  it('shows only the fields that are asked for', () => {
    expect(shown({ fields: ['summary', 'phone'] }).parts.map(({ label }) => label)).toEqual(['Note.summary']);
  });

  it('numbers the same person the same in every prompt of a run', () => {
    const mask = new Mask();
    expect(mask.text('bob@example.com')).toBe('[e-mail 1]');
    expect(mask.text('to ann@example.com and bob@example.com')).toBe('to [e-mail 2] and [e-mail 1]');
  });
});
