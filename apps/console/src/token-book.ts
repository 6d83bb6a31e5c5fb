import { dirname } from 'node:path';
import { mkdirSync } from 'node:fs';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from '@towpath/service-kit/logger';
import { InjectConfig, InjectLogger } from '@towpath/service-kit/platform';
import { isToken, parseToken, type PresentedToken } from '@towpath/sources/token';
import { listTokens, type Token } from '@towpath/sources/tokens';
import { watchTokens } from '@towpath/sources/watch';
import type { ConsoleConfig } from './config.js';
import type { Person } from './review-case.decider.js';

/** Who a request is of, with the token that can sign in their name as long as the request lasts. */
export interface Caller extends Person {
  readonly token: PresentedToken;
  /** milliseconds since the epoch */
  readonly expiresAt: number;
}

/** Compared with when there is no such token, so that asking for one takes the time of asking for another. */
const NO_HASH = '0'.repeat(64);

/** The tokens in force, as the file has them; a revoked one is gone within moments. */
@Injectable()
export class TokenBook implements OnModuleInit, OnApplicationShutdown {
  private tokens: ReadonlyMap<string, Token> = new Map();
  private watcher: { close(): void } | undefined;

  constructor(
    @InjectConfig() private readonly config: ConsoleConfig,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    const { TOKENS_FILE: tokensFile } = this.config;
    mkdirSync(dirname(tokensFile), { recursive: true, mode: 0o700 });
    this.watcher = watchTokens(tokensFile, {
      changed: (tokens) => this.replace(tokens),
      // Nobody gets in by a file that can't be read.
      failed: (err) => {
        this.replace({});
        this.logger.error({ err }, 'tokens.broken');
      },
    });
    this.replace(listTokens({ tokensFile }));
  }

  onApplicationShutdown(): void {
    this.watcher?.close();
  }

  /** Puts other tokens in force, all at once. */
  replace(tokens: Readonly<Record<string, Token>>): void {
    this.tokens = new Map(Object.entries(tokens));
  }

  /** Whose token it is; null for one that is unknown, wrong, revoked or over. */
  callerOf(text: string, now: number): Caller | null {
    const token = parseToken(text);
    if (!token) return null;
    const kept = this.tokens.get(token.id);
    const fits = isToken(token, kept?.hash ?? NO_HASH);
    if (!kept || !fits) return null;
    const expiresAt = Date.parse(kept.expiresAt);
    if (expiresAt <= now) return null;
    return { name: kept.person, role: kept.role, tokenId: token.id, token, expiresAt };
  }

  /** Whether a token is still in force; what goes on for long asks again. */
  isInForce({ tokenId, expiresAt }: Caller, now: number): boolean {
    return this.tokens.has(tokenId) && now < expiresAt;
  }
}
