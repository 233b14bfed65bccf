"""The small language that flow reads: events on a control-flow graph. It knows no syntax tree and no API."""
