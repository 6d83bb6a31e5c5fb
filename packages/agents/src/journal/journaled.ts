import { erased } from '@towpath/event-store/cipher';
import { Permanent } from '@towpath/service-kit/permanent';

/** A value that may be personal, as the two fields of a contract: encrypted for a run about a person, plain for others. */
export function journaled<Name extends string>(
  name: Name,
  json: string | null,
  subjectId: string,
): Record<Name | `plain${Capitalize<Name>}`, string | null> {
  const personal = subjectId !== '';
  return { [name]: personal ? json : null, [plainNameOf(name)]: personal ? null : json } as Record<
    Name | `plain${Capitalize<Name>}`,
    string | null
  >;
}

/** A handful, asked for in each step. */
const plainNames = new Map<string, string>();

function plainNameOf(name: string): string {
  const known = plainNames.get(name);
  if (known !== undefined) return known;
  const plain = `plain${name[0]!.toUpperCase()}${name.slice(1)}`;
  plainNames.set(name, plain);
  return plain;
}

/** What was journaled. Throws `Permanent('SUBJECT_ERASED')` when it was personal and its person was erased meanwhile. */
export function readable(json: string): unknown {
  if (json === erased) throw new Permanent('SUBJECT_ERASED', 'what the run had found is erased with its person');
  return JSON.parse(json);
}
