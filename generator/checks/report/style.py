"""How the page of a review looks: by day and by night, on a phone and on paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --text: #1c2733; --soft: #556270; --back: #ffffff; --panel: #f3f5f7;
  --line: #d4dae0; --error: #b3261e; --warning: #8a5a00; --info: #2a5d9f; --good: #1d6b3c; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e9ee; --soft: #9aa7b4; --back: #14191f; --panel: #1d242c;
  --line: #37424d; --error: #ff8a80; --warning: #f2c14e; --info: #8ab8f5; --good: #7ed29b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 74rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .6rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .8rem; }
h3 { font-size: 1.05rem; margin: 2rem 0 .5rem; } p { margin: .3rem 0; }
a { color: var(--info); } h2, h3, details, .finding { scroll-margin-top: 4.5rem; }
.soft { color: var(--soft); } .good { color: var(--good); } .bad, .error > strong { color: var(--error); }
.warning > strong { color: var(--warning); } .info > strong { color: var(--info); }
.verdict { border: 1px solid; border-left-width: 6px; border-radius: 6px; padding: .6rem 1rem; }
.verdict strong { font-size: 1.15rem; } .verdict span { color: var(--text); }
nav.bar { position: sticky; top: 0; z-index: 1; background: var(--back); border-bottom: 1px solid var(--line);
  padding: .5rem 0; margin-top: 1rem; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; align-items: baseline; }
nav.bar label { white-space: nowrap; } nav.bar .filter { margin-left: auto; display: flex;
  flex-wrap: wrap; gap: 0 .9rem; overflow-wrap: normal; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: baseline; }
th { font-weight: 600; color: var(--soft); } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n.zero { color: var(--soft); opacity: .6; } table.card { overflow-wrap: normal; }
details > summary { cursor: pointer; padding: .25rem 0; }
details.rule { border: 1px solid var(--line); border-left: 4px solid; border-radius: 6px; margin: .7rem 0;
  padding: .4rem .9rem; }
details.rule > * { color: var(--text); } details.rule.error { border-left-color: var(--error); }
details.rule.warning { border-left-color: var(--warning); } details.rule.info { border-left-color: var(--info); }
.count { color: var(--soft); font-weight: 400; white-space: nowrap; }
.badge { background: var(--panel); border-radius: 1rem; padding: .05rem .55rem; font-size: .85rem; margin-left: .3rem; }
.finding { border-top: 1px solid var(--line); padding: .6rem 0; margin-top: .5rem; }
code, pre { font: .85rem/1.5 ui-monospace, monospace; } code { unicode-bidi: isolate; }
pre { background: var(--panel); padding: .5rem .7rem; overflow-x: auto; margin: .5rem 0 .2rem; border-radius: 4px;
  overflow-wrap: normal; }
pre mark { display: block; width: max-content; min-width: calc(100% + 1.4rem); background: none; color: inherit;
  font-weight: 700; border-left: 3px solid var(--error); margin-left: -.7rem; padding-left: calc(.7rem - 3px); }
.picture { overflow-x: auto; margin: .5rem 0; } svg.stacks { font: 12px system-ui, sans-serif; display: block; }
svg.stacks .stack rect { fill: var(--panel); stroke: var(--line); stroke-width: 1.5; }
svg.stacks text { fill: var(--soft); } svg.stacks .name { fill: var(--text); font-weight: 600; }
svg.stacks .away rect { stroke-dasharray: 4 3; } svg.stacks .good .verdict { fill: var(--good); }
svg.stacks .error rect { stroke: var(--error); } svg.stacks .error .verdict { fill: var(--error); }
svg.stacks .warning rect { stroke: var(--warning); } svg.stacks .warning .verdict { fill: var(--warning); }
svg.stacks .info rect { stroke: var(--info); } svg.stacks .info .verdict { fill: var(--info); }
svg.stacks path { fill: none; stroke: var(--info); stroke-width: 1.5; }
svg.stacks .nests path { stroke: var(--soft); stroke-dasharray: 4 4; opacity: .5; }
svg.stacks .label rect { fill: var(--back); opacity: .9; } svg.stacks .label text { font-size: 11px; }
svg.stacks .edge:hover path { stroke-width: 4; opacity: 1; }
body:has(#show-error:not(:checked)) .only-error, body:has(#show-error:not(:checked)) .finding.error,
body:has(#show-warning:not(:checked)) .only-warning, body:has(#show-warning:not(:checked)) .finding.warning,
body:has(#show-info:not(:checked)) .only-info, body:has(#show-info:not(:checked)) .finding.info { display: none; }
@media (max-width: 40rem) { body { padding: 1rem .8rem 3rem; } nav.bar { position: static; }
  h2, h3, details, .finding { scroll-margin-top: .5rem; } nav.bar .filter { margin-left: 0; }
  .card .rules, .card .resources, .card .suppressed, .card .known,
  .card .notes { display: none; } table { font-size: .85rem; } th, td { padding: .35rem .3rem; } }
@media print { nav.bar { display: none; } body { max-width: none; padding: 0; } pre { white-space: pre-wrap; }
  pre mark { width: auto; } .finding, tr { break-inside: avoid; } summary { break-after: avoid; }
  details:not([open])::details-content { content-visibility: visible; block-size: auto; }
  svg.stacks { max-width: 100%; height: auto; } }
"""
