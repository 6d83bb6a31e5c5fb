import { Controller, Get } from '@nestjs/common';
import type { Caller } from '../token-book.js';
import { Access, By } from './access.js';
import { Documented } from './documented.js';
import { OpenApi } from './open-api.js';

/** What a client has to know of itself and of this service. */
@Controller()
export class SelfController {
  constructor(private readonly openApi: OpenApi) {}

  @Get('me')
  @Access('viewer')
  @Documented({ summary: 'Whose token this is, what it opens and until when' })
  me(@By() { name, role, tokenId, expiresAt }: Caller) {
    return { name, role, tokenId, expiresAt: new Date(expiresAt) };
  }

  @Get('openapi.json')
  @Access('public')
  @Documented({ summary: 'This document', open: true })
  document() {
    return this.openApi.document();
  }
}
