import { json } from './answer.ts';
import { serve } from './serve.ts';
import { countSheep } from './table.ts';

/** `GET /dog`: counts the sheep by a scan, with almost no work around it. */
export const handler = serve(async () => json(200, `{"count":${await countSheep()}}`));
