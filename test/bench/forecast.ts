/**
 * Holds the forecast against public measurements of Lambda and prints errors, no times: npm run bench:forecast
 */
import { eurosysError, lightError } from './forecast/model-error.ts';
import { hasPublicData } from './forecast/public-data.ts';

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

if (!hasPublicData()) {
  process.stdout.write(
    'The public measurements are not beside the checkout (../shared/data): nothing to hold.\n',
  );
} else {
  const [eurosys, light] = [eurosysError(), lightError()];
  process.stdout.write(
    [
      `model against eurosys26, ${eurosys.rows.length} sizes below 1769 MB: ${percent(eurosys.meanAbsoluteError)} (goal 7 %, stretch 4 %)`,
      `model against cebert light, ${light.rows.length} rows: ${percent(light.meanAbsoluteError)} (goal 12 %, stretch 8 %)`,
      '',
    ].join('\n'),
  );
}
