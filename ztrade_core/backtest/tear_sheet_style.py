"""How a tear sheet looks, and what its browser may load: nothing."""

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: #fff; color: #22303c;
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 60px; }
h1 { margin: 0; font-size: 28px; overflow-wrap: anywhere; }
h2 { margin: 34px 0 10px; font-size: 18px; border-bottom: 1px solid #d5dbe0; padding-bottom: 4px; }
p { margin: 6px 0; overflow-wrap: anywhere; }
.lead { font-size: 17px; }
.fine { color: #56646f; font-size: 13px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(112px, 1fr)); gap: 8px;
  margin: 18px 0; }
.tile { border: 1px solid #d5dbe0; border-radius: 6px; padding: 8px 10px; }
.tile b { display: block; font-size: 16px; white-space: nowrap; }
.tile span { color: #56646f; font-size: 12px; }
.tile b span { font-size: inherit; }
.warnings { border: 1px solid #d9a441; border-left-width: 6px; border-radius: 6px;
  background: #fff8e8; padding: 10px 14px; }
.warnings ul { margin: 4px 0 0; padding-left: 20px; }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 0 32px; }
.columns > section { min-width: 0; }
img { display: block; width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th { text-align: left; color: #56646f; font-weight: 600; border-bottom: 2px solid #d5dbe0; }
th, td { padding: 4px 8px; vertical-align: top; }
td { border-bottom: 1px solid #eceff1; overflow-wrap: break-word; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.gain, .tile span.gain { color: #17693b; }
.loss, .tile span.loss { color: #b03022; }
pre { font-size: 12px; white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f8f9;
  padding: 12px; border-radius: 6px; }
summary { cursor: pointer; margin-top: 10px; }
@media (max-width: 760px) { .columns { grid-template-columns: 1fr; } }
@media print { section { break-inside: avoid; } }
"""
