import { readFileSync } from 'node:fs';
import { PROVIDERS } from './providers.js';
import { SCHEMES } from './schemes.js';

const text = readFileSync(new URL('../../../docs/how-to/sources.md', import.meta.url), 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| `'));

describe('docs/how-to/sources.md', () => {
  it.each(Object.entries(SCHEMES))(
    'says of the scheme %s what it proves, and names it when it is weaker',
    (name, facts) => {
      const { headers, algorithm, covers, timeSigned } = facts;
      const listed = headers.map((header) => `\`${header}\``).join(', ');
      const row = `| \`${name}\` | ${listed} | ${algorithm} | ${covers} | ${timeSigned ? 'yes' : '**no, weaker**'} |`;
      expect(rows).toContain(row);
    },
  );

  it.each(Object.entries(PROVIDERS))(
    'says of the provider %s how it is signed and what it sends',
    (name, { scheme, bodies }) => {
      expect(rows.filter((row) => row.startsWith(`| \`${name}\` | \`${scheme}\` | ${bodies} |`))).toHaveLength(1);
    },
  );
});
