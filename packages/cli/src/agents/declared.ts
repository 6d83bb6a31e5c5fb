import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../repository.js';

/** An agent as the code declares it; generated with the table of the docs. */
export interface DeclaredAgent {
  readonly name: string;
  readonly service: string;
  readonly version: string;
  readonly scopes: readonly string[];
  readonly tools: readonly string[];
  /** types of the commands that it may ask for */
  readonly acts: readonly string[];
}

/** Every agent that this release declares. */
export function declaredAgents(file = join(repository, 'docs', 'reference', 'agents.json')): readonly DeclaredAgent[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { agents: DeclaredAgent[] }).agents : [];
}
