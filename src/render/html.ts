import uplotStyle from 'uplot/dist/uPlot.min.css?raw';
import uplotLicence from 'uplot/LICENSE?raw';
import type { Report } from '../model/report.ts';
import { renderCsv } from './csv.ts';
import { chartPayload } from './html/chart-payload.ts';
import chartScript from './html/charts/draw-charts.ts?script';
import { forecastSection } from './html/forecast-section.ts';
import { documentStart, html, Markup, scriptJson } from './html/markup.ts';
import { methodSection } from './html/method-section.ts';
import { contentsNav, dataSection, openingSection } from './html/opening.ts';
import reportStyle from './html/report.css?raw';
import {
  clientSection,
  coldStartSection,
  costSection,
  glanceSection,
  memorySection,
  problemList,
  routeSection,
  sweepSection,
  verdictSection,
} from './html/sections.ts';
import {
  completenessLine,
  firstWarning,
  formatTime,
  localNotice,
  measuredText,
  otherProblems,
  routeViews,
  sharedFacts,
} from './report-view.ts';

/** Nothing may be loaded from the network. The page can be read offline, and opening it tells nobody. */
const POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";

/** Renders the report as one HTML document that needs no other file and no network. */
export function renderHtml(report: Report): string {
  const routes = routeViews(report);
  const notice = localNotice(report);
  const warning = firstWarning(report);
  const title = `${notice === undefined ? '' : `${notice.title}: `}shedbench report, ${measuredText(report)}`;
  const raw = (text: string) => new Markup(text);
  const body = html`${glanceSection(report, routes)}
${forecastSection(report)}
${sweepSection(report)}
${routes.map((view) => routeSection(report, view))}
${coldStartSection(report)}
${memorySection(report)}
${costSection(report, routes)}
${clientSection(report, routes)}
${methodSection(report)}
${dataSection(report, renderCsv(report))}`;
  const page = html`${documentStart(POLICY)}
<meta name="generator" content="shedbench ${report.toolVersion}">
<title>${title}</title>
<style>${raw(uplotStyle)}
${raw(reportStyle)}</style>
</head>
<body>
<header>
<h1>${report.project === undefined ? 'What do the functions cost?' : 'What does the language cost?'}</h1>
<p class="quiet">${sharedFacts(report)} · ${measuredText(report)}</p>
${warning === undefined ? undefined : problemList([warning])}
${
  notice === undefined
    ? undefined
    : html`<div class="notice" role="note"><strong>${notice.title}</strong>${notice.lines.map((line) => html`<p>${line} </p>`)}</div>`
}
</header>
<main>
${verdictSection(report)}
${openingSection(report, routes)}
<p>${completenessLine(report)}</p>
${problemList(otherProblems(report))}
<noscript><p>The charts below need JavaScript; every figure is in the tables too.</p></noscript>
${contentsNav(body, routes)}
${body}
</main>
<footer class="quiet"><p>Printed ${formatTime(report.createdAtEpochMs)} by shedbench ${report.toolVersion}. Charts by uPlot, whose licence stands in this page's source. The shed and its bench come from Jérémie Rodon's demo-rust-lambda.</p></footer>
<script type="application/json" id="chart-data">${scriptJson(chartPayload(report, routes))}</script>
<script>/*!
${raw(uplotLicence.trim())}
*/
${raw(chartScript)}</script>
</body>
</html>
`;
  return page.text;
}
