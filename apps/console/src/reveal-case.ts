import { Injectable } from '@nestjs/common';
import { CaseDecided } from '@towpath/contracts/console/CaseDecided.v1';
import { CaseOpened } from '@towpath/contracts/console/CaseOpened.v1';
import { CaseRevealed } from '@towpath/contracts/console/CaseRevealed.v1';
import { isOf } from '@towpath/event-store/fold';
import type { Vault } from '@towpath/event-store/vault';
import { emit } from '@towpath/service-kit/message';
import { InjectVault } from '@towpath/service-kit/platform';
import { CaseDesk } from './case-desk.js';
import { readable } from './readable.js';
import type { Person } from './review-case.decider.js';

/** What a case holds of a person. */
export interface Revealed {
  readonly proposedText: string | null;
  /** the text of the newest decision that edited it */
  readonly edited: string | null;
}

/** Reads personal data of a case, each time on the record. */
@Injectable()
export class RevealCase {
  constructor(
    private readonly desk: CaseDesk,
    @InjectVault() private readonly vault: Vault,
  ) {}

  /** Nothing is read unless who reads it, and why, is stored before. Throws CaseRefused. */
  async reveal(reviewId: string, person: Person, why: string): Promise<Revealed> {
    const request = { wish: { kind: 'reveal' }, person, reviewId, expected: null } as const;
    const { events } = await this.desk.act(request, (_state, now) => [
      emit(CaseRevealed, {
        ...{ reviewId, why, actor: person.name, tokenId: person.tokenId },
        revealedAt: now.getTime(),
      }),
    ]);
    const opened = events.findLast((event) => isOf(CaseOpened, event));
    const decided = events.findLast((event) => isOf(CaseDecided, event) && event.data.edited !== null);
    return {
      proposedText: opened ? (await readable(this.vault, CaseOpened, opened)).proposedText : null,
      edited: decided ? (await readable(this.vault, CaseDecided, decided)).edited : null,
    };
  }
}
