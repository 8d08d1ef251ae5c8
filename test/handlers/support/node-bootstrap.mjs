// What Lambda's nodejs runtime does, as far as the shed's functions can tell.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, name] = process.env._HANDLER.split('.');
const { [name]: handler } = await import(
  pathToFileURL(join(process.env.LAMBDA_TASK_ROOT, `${file}.mjs`)).href
);
const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
for (;;) {
  const next = await fetch(`${base}/next`);
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const answer = await handler(await next.json(), {});
  await fetch(`${base}/${id}/response`, { method: 'POST', body: JSON.stringify(answer) });
}
