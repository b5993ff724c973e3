#!/bin/sh
# Every n-th recording, n being the order's devices. One that has its text already is not done again after a restart.
set -eu
number=0
failed=0
for recording in recordings/*; do
	mine=$((number % ${IOG_WORLD_SIZE:-1}))
	number=$((number + 1))
	[ "$mine" -eq "${IOG_RANK:-0}" ] || continue
	name=$IOG_OUTPUT_DIR/$(basename "$recording")
	[ ! -e "$name.srt" ] || continue
	echo "$recording"
	whisper-cli --model model.bin --language "$LANGUAGE" --file "$recording" --output-txt --output-srt --output-file "$name" \
		|| { echo "not understood: $recording" >&2; failed=1; }
done
exit "$failed"
