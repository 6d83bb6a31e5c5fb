import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../repository.js';

/** A saga as the code declares it; generated with the diagrams of the docs. */
export interface DeclaredSaga {
  readonly name: string;
  readonly version: number;
  /** steps and waits in order */
  readonly parts: readonly { readonly name: string }[];
  readonly mermaid: string;
}

/** Every version of every saga that this release runs, the newest of each first. */
export function declaredSagas(file = join(repository, 'docs', 'reference', 'sagas.json')): readonly DeclaredSaga[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { sagas: DeclaredSaga[] }).sagas : [];
}

export function declaredSaga(name: string, version: number): DeclaredSaga | undefined {
  return declaredSagas().find((one) => one.name === name && one.version === version);
}
