#!/bin/sh
# Summarises a column of readings: the job of the demo. Runs wherever POSIX sh and awk are.
set -eu
awk -F, 'NR > 1 { n++; sum += $2; if (n == 1 || $2 < min) min = $2; if (n == 1 || $2 > max) max = $2 }
	END { printf "{\"readings\":%d,\"sum\":%d,\"min\":%d,\"max\":%d}\n", n, sum, min, max }' readings.csv \
	> "$IOG_OUTPUT_DIR/summary.json"
echo "summarised $(wc -l < readings.csv) lines"
