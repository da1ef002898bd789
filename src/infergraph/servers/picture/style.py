"""How the picture looks, in light and in dark."""

_LIGHT = """
.ig-picture text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.ig-picture .ig-code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.ig-picture .ig-title{font-size:20px;font-weight:700;fill:#0f172a}
.ig-picture .ig-head{font-size:16px;font-weight:700;fill:#0f172a}
.ig-picture .ig-name{font-size:14px;font-weight:700;fill:#0f172a}
.ig-picture .ig-kind{font-size:11px;font-weight:700;letter-spacing:.04em}
.ig-picture .ig-note,.ig-picture .ig-code{font-size:12px;fill:#475569}
.ig-picture .ig-step,.ig-picture .ig-branch{font-size:11px;font-weight:700;text-anchor:middle}
.ig-picture .ig-ground{fill:#f1f5f9}.ig-picture .ig-band{fill:#fff;stroke:#cbd5e1}
.ig-picture .ig-shadow{fill:#f8fafc;stroke:#64748b;stroke-dasharray:7 5}
.ig-picture .ig-track{fill:#e2e8f0}.ig-picture .ig-share{fill:#2563eb}
.ig-picture .ig-edge{fill:none;stroke:#64748b;stroke-width:1.6}.ig-picture .ig-choice{stroke-dasharray:5 4}
.ig-picture .ig-arrow{fill:#64748b}.ig-picture .ig-branch{fill:#334155}
.ig-picture .ig-label{fill:#fff;stroke:#cbd5e1}.ig-picture .ig-step{fill:#fff}
.ig-picture .ig-box{stroke-width:1.6;stroke-linejoin:round}
.ig-model .ig-box{fill:#eaf2ff;stroke:#2563eb}.ig-model .ig-kind,.ig-model .ig-dot{fill:#1d4ed8}
.ig-transformer .ig-box{fill:#e7f8f0;stroke:#0d8a5f}.ig-transformer .ig-kind,.ig-transformer .ig-dot{fill:#08704b}
.ig-router .ig-box{fill:#fff4dd;stroke:#c2670a}.ig-router .ig-kind,.ig-router .ig-dot{fill:#9a4b04}
.ig-combiner .ig-box{fill:#f4edff;stroke:#7c3aed}.ig-combiner .ig-kind,.ig-combiner .ig-dot{fill:#6d28d9}
.ig-unit .ig-box{fill:#f1f5f9;stroke:#64748b}.ig-unit .ig-kind,.ig-unit .ig-dot{fill:#475569}
"""
_DARK = """
.ig-picture .ig-title,.ig-picture .ig-head,.ig-picture .ig-name{fill:#f1f5f9}
.ig-picture .ig-note,.ig-picture .ig-code{fill:#b6c2d2}
.ig-picture .ig-ground{fill:#0b1220}.ig-picture .ig-band{fill:#131c2e;stroke:#334155}
.ig-picture .ig-shadow{fill:#0f1727;stroke:#7c8ba1}
.ig-picture .ig-track{fill:#334155}.ig-picture .ig-share{fill:#60a5fa}
.ig-picture .ig-edge{stroke:#94a3b8}.ig-picture .ig-arrow{fill:#94a3b8}.ig-picture .ig-branch{fill:#e2e8f0}
.ig-picture .ig-label{fill:#1e293b;stroke:#475569}.ig-picture .ig-step{fill:#0b1220}
.ig-model .ig-box{fill:#15294d;stroke:#60a5fa}.ig-model .ig-kind,.ig-model .ig-dot{fill:#93c5fd}
.ig-transformer .ig-box{fill:#0e3529;stroke:#34d399}.ig-transformer .ig-kind,.ig-transformer .ig-dot{fill:#6ee7b7}
.ig-router .ig-box{fill:#3d2a0c;stroke:#f59e0b}.ig-router .ig-kind,.ig-router .ig-dot{fill:#fcd34d}
.ig-combiner .ig-box{fill:#2d1d52;stroke:#a78bfa}.ig-combiner .ig-kind,.ig-combiner .ig-dot{fill:#c4b5fd}
.ig-unit .ig-box{fill:#1e293b;stroke:#94a3b8}.ig-unit .ig-kind,.ig-unit .ig-dot{fill:#cbd5e1}
"""
STYLE = f"{_LIGHT}@media (prefers-color-scheme:dark){{{_DARK}}}\n"
"""The picture's style sheet, the same in every picture, so that a page can allow it by its hash."""
