import { Injectable, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { PROBLEM_SCHEMA } from './documented.js';

/** The OpenAPI document, made of the routes themselves when it is first asked for. */
@Injectable()
export class OpenApi {
  private app: INestApplication | undefined;
  private made: OpenAPIObject | undefined;

  describe(app: INestApplication): void {
    this.app = app;
  }

  document(): OpenAPIObject {
    this.made ??= this.make();
    return this.made;
  }

  private make(): OpenAPIObject {
    if (!this.app) throw new Error('OPENAPI_UNREADY: describe() was not called with the application');
    const settings = new DocumentBuilder()
      .setTitle('Towpath console')
      .setDescription('What people have to decide: cases of every agent and service. See docs/how-to/review.md.')
      .setVersion('1')
      .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'made by `towpath token create`' })
      .build();
    const document = SwaggerModule.createDocument(this.app, settings);
    const schemas = { ...document.components?.schemas, Problem: PROBLEM_SCHEMA as never };
    return { ...document, components: { ...document.components, schemas } };
  }
}
