"""How the page of a regression run looks, beside what every page of samgen has."""

from __future__ import annotations

STYLE = """
details.change { border: 1px solid var(--line); border-left: 4px solid var(--line); border-radius: 6px; margin: .7rem 0;
  padding: .4rem .9rem; }
details.change.loud { border-left-color: var(--error); } details.change.update { border-left-color: var(--warning); }
details.change.record, details.change.create { border-left-color: var(--info); }
.change > summary > .effect { font-weight: 600; } .change.loud > summary > .effect { color: var(--error); }
table.diff { table-layout: fixed; margin: .3rem 0 .8rem; } table.diff td { border: 0; padding: 0 .6rem; width: 50%;
  vertical-align: top; } table.diff code { white-space: pre-wrap; }
table.diff td.gone { background: color-mix(in srgb, var(--error) 14%, var(--back)); }
table.diff td.new { background: color-mix(in srgb, var(--good) 16%, var(--back)); }
table.diff td.none { background: var(--panel); }
ul.names { columns: 12rem; font-size: .85rem; margin: .3rem 0; padding-left: 1.2rem; }
.chip { display: inline-block; background: var(--panel); border-radius: 1rem; padding: .05rem .6rem;
  margin: .1rem .2rem; font-size: .85rem; } .chip.uncovered { color: var(--error); } .chip b { font-weight: 600; }
nav.bar:has(#only-loud:checked) ~ main details.change:not(.loud) { display: none; }
@media (max-width: 40rem) { table.diff td { padding: 0 .25rem; } ul.names { columns: 8rem; } }
"""
