import { expect, test } from 'vitest';
import { plainReason } from '../../../src/deploy/stacks/plain-reason.ts';

test.each([
  [
    'Resource handler returned message: "Function already exist: shed-node-get-dog-count (Service: Lambda, Status Code: 409, Request ID: 6f1d0c1e-0000-4000-8000-000000000000)" (RequestToken: 1b2c3d4e-0000-4000-8000-000000000000, HandlerErrorCode: AlreadyExists)',
    'Function already exist: shed-node-get-dog-count (AlreadyExists)',
  ],
  [
    'Resource handler returned message: "Invalid request (Service: Lambda, Status Code: 400, Request ID: 6f1d0c1e) (SDK Attempt Count: 1)" (RequestToken: 1b2c, HandlerErrorCode: InvalidRequest)',
    'Invalid request (InvalidRequest)',
  ],
  [
    'Resource handler returned message: "Resource of type \'AWS::Logs::LogGroup\' with identifier \'{"/properties/LogGroupName":"/aws/lambda/x"}\' already exists." (RequestToken: 1b2c, HandlerErrorCode: AlreadyExists)',
    'Resource of type \'AWS::Logs::LogGroup\' with identifier \'{"/properties/LogGroupName":"/aws/lambda/x"}\' already exists. (AlreadyExists)',
  ],
  [
    'API: iam:CreateRole User: arn:aws:iam::123456789012:user/jo is not authorized to perform: iam:CreateRole on resource: x',
    'API: iam:CreateRole User: arn:aws:iam::123456789012:user/jo is not authorized to perform: iam:CreateRole on resource: x',
  ],
  [
    'The bucket you tried to delete is not empty (Service: Amazon S3; Status Code: 409; Error Code: BucketNotEmpty; Request ID: 7F; S3 Extended Request ID: 9x=; Proxy: null)',
    'The bucket you tried to delete is not empty',
  ],
  ['Something (in brackets) stays', 'Something (in brackets) stays'],
  ['', ''],
])('the reason of a failed resource is worded plainly: %s', (reason, plain) => {
  expect(plainReason(reason)).toBe(plain);
});
