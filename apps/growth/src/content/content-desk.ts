import { Inject, Injectable } from '@nestjs/common';
import type { Agent } from '@towpath/agents/agent';
import { CONFIG } from '@towpath/service-kit/platform';
import type { GrowthConfig } from '../config.js';
import { contentWriter } from './content-writer.agent.js';
import { compose, fitting } from './compose.decider.js';
import { loadLibrary } from './library.js';
import type { Library } from './pieces.js';
import type { ContentDraft, ContentQuestion } from './question.js';

/** The library as it is while this process runs, with who writes from it. */
@Injectable()
export class ContentDesk {
  readonly writer: Agent<ContentQuestion, ContentDraft>;
  readonly signedBy: string;
  private readonly library: Library;

  constructor(@Inject(CONFIG) config: Pick<GrowthConfig, 'GROWTH_CONTENT_FILE' | 'GROWTH_SIGNED_BY'>) {
    this.library = loadLibrary(config.GROWTH_CONTENT_FILE);
    this.writer = contentWriter(this.library);
    this.signedBy = config.GROWTH_SIGNED_BY;
  }

  /** the draft of approved pieces alone */
  byLibrary(question: ContentQuestion): ContentDraft {
    return compose(fitting(question, this.library));
  }
}
