import { CORE_SCHEMA, defineScalarTag, defineSequenceTag, load } from 'js-yaml';

/** Keeps a short form with its name: `!Ref X` becomes `{ '!Ref': 'X' }`. */
const SHORT_FORMS = CORE_SCHEMA.withTags(
  defineScalarTag('!', {
    matchByTagPrefix: true,
    identify: () => false,
    resolve: (text, _isExplicit, tag) => ({ [tag]: text }),
  }),
  defineSequenceTag('!', {
    matchByTagPrefix: true,
    identify: () => false,
    create: (tag) => ({ tag, items: [] as unknown[] }),
    addItem: ({ items }, item) => {
      items.push(item);
    },
    finalize: ({ tag, items }) => ({ [tag]: items }),
  }),
);

/**
 * The content of a CloudFormation template in YAML, for tests of the client. It is read without the parser of the local
 * cloud, so that a fault there can't hide one of the client.
 */
export function loadTemplate(text: string): unknown {
  return load(text, { schema: SHORT_FORMS });
}
