import type { AnyAgent } from '@towpath/agents/agent';
import { contentWriter } from './content/content-writer.agent.js';
import { loadLibrary } from './content/library.js';
import { noteWriter } from './thanks/note-writer.agent.js';

/** Every agent of this service, for the reference and the CLI. */
export const agents: readonly AnyAgent[] = [contentWriter(loadLibrary()), noteWriter];
