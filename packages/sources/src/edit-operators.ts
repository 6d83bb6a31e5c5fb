import { parseDocument, type Document } from 'yaml';
import { operatorsFileOf, readTextIfThere, writeAsBlock, writeAtomically, type SourceFiles } from './files.js';
import { newKeyPair, type KeyPair } from './keys.js';
import { checkName, parseOperators, type Operator } from './schema.js';
import { SourceError } from './source-error.js';

/** All people as written, by name; empty when there is no file. Throws SOURCES_INVALID. */
export function listOperators(files: SourceFiles): Record<string, Operator> {
  const path = operatorsFileOf(files);
  return parseOperators(readTextIfThere(path) ?? '', path);
}

/**
 * Adds a person with a new key pair; only its public half is stored. The private half is to be given to that person, once.
 * Throws OPERATOR_EXISTS, SOURCE_NAME_INVALID or SOURCES_INVALID (role); then nothing has changed.
 */
export function addOperator(files: SourceFiles, name: string, role: string): KeyPair {
  checkName(name);
  if (listOperators(files)[name]) {
    throw new SourceError('OPERATOR_EXISTS', `${name} has a key; revoke it first, or choose another name.`);
  }
  const pair = newKeyPair();
  edit(files, (document) => document.setIn(['people', name], document.createNode({ role, publicKey: pair.publicKey })));
  return pair;
}

/** Takes a person's key away: from the next delivery on it verifies nothing. Throws OPERATOR_UNKNOWN. */
export function revokeOperator(files: SourceFiles, name: string): void {
  if (!listOperators(files)[name]) {
    throw new SourceError(
      'OPERATOR_UNKNOWN',
      `There is no operator ${name.slice(0, 64)}; see \`towpath operators list\`.`,
    );
  }
  edit(files, (document) => document.deleteIn(['people', name]));
}

function edit(files: SourceFiles, change: (document: Document) => void): void {
  const path = operatorsFileOf(files);
  const document = parseDocument(readTextIfThere(path) ?? '');
  writeAsBlock(document, 'people');
  change(document);
  const text = document.toString();
  parseOperators(text, path);
  writeAtomically(path, text, 0o600);
}
